"""Scores on tasks while a run goes on, asked by a callable that is handed over.

Training knows no tasks: who starts the ranks says how they are asked (`kormo_ds.cli.rank` hands
over lm-evaluation-harness). What comes back goes to metrics.jsonl and wandb as eval/TASK/METRIC,
and with standard errors and numbers of questions to

    <run folder>/evaluation.jsonl       {"step": 499, "scores": [{"task": …, "value": …}, …], …}

from where `kormo eval collect RUN` takes it into the lake.
"""

import time
from collections.abc import Callable
from typing import Any

from kormo_ds.config import Run
from kormo_ds.errors import BadConfig
from kormo_ds.run_record import lines
from kormo_ds.train import ranks
from kormo_ds.train.asking import Asking
from kormo_ds.train.head_losses import HeadLosses

Ask = Callable[[Asking], list[dict[str, Any]]]
"""Asks the ranks together; scores with at least key, value, stderr, n; the same on every rank."""

Begin = Callable[[Run, bytes], Ask]
"""Makes ready, from a run and its tokenizer.json; raises KormoError for what cannot be asked."""


class Evaluation:
    """The evaluations of one run."""

    def __init__(
        self, run: Run, model: Any, heard: HeadLosses, tokenizer: bytes, begin: Begin | None
    ) -> None:
        """Make ready what is asked.

        Raises:
            BadConfig: nobody handed over how to ask.
            KormoError: as `begin`.
        """
        if begin is None:
            raise BadConfig(
                f"evaluation.tasks = '{run.evaluation.tasks}' is asked by ranks that `kormo train` "
                f"starts, or: python -m kormo_ds.cli.rank RUN …; or set evaluation.tasks=''"
            )
        self._run = run
        self._ask = begin(run, tokenizer)
        self._asking = Asking(run, model, heard)

    def due(self, step: int) -> bool:
        """Is the model asked after `step`?"""
        done = step + 1
        return done % self._run.evaluation.every == 0 or done == self._run.train.steps

    def measure(self, step: int) -> dict[str, float]:
        """Ask the model after `step`, append to evaluation.jsonl; returns eval/TASK/METRIC."""
        begun = time.perf_counter()
        with ranks.together("evaluate"), self._asking.begun():
            scores = self._ask(self._asking)
        seconds = time.perf_counter() - begun
        path = self._run.path / lines.EVALUATION
        with ranks.together(f"write {path}"):
            if ranks.rank() == 0:
                known = {"step": step, "scores": scores, "at": time.time(), "seconds": seconds}
                lines.append(path, known)
        values = {score["key"]: score["value"] for score in scores}
        return values | {"eval/tasks_seconds": seconds}
