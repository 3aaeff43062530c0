"""What a run says while it works: metrics.jsonl, checkpoints.jsonl, a progress line, wandb.

Rank 0 only. wandb gets the same numbers under the names of `kormo_ds.train.names`.

metrics.jsonl has one line a step, each step once: lines after the checkpoint that a run goes on
from are cut, since those steps are taken again.
"""

import json
import sys
import time
from typing import Any

from kormo_ds.compose import to_yaml
from kormo_ds.config import Run
from kormo_ds.run_record import lines
from kormo_ds.train import names, rank_log

SECONDS_BETWEEN_LINES = 15.0


class Metrics:
    """Writes one dict of numbers a step; opened at the step the run goes on from."""

    def __init__(self, run: Run, run_id: str, step: int) -> None:
        self.path = run.path / lines.METRICS
        self._saved = run.path / lines.CHECKPOINTS
        lines.cut(self.path, step)
        lines.cut(self._saved, step)
        self._file = self.path.open("a")
        self._line = _line(step, run.train.steps)
        self._wandb = _wandb(run, run_id)

    def write(self, values: dict[str, Any]) -> None:
        """One finished step; `values` has at least step (its number), loss, lr, tokens_per_s."""
        self._file.write(json.dumps(values) + "\n")
        self._file.flush()
        self._line.show(values)
        if self._wandb:
            self._wandb.log(names.for_wandb(values))

    def saved(self, values: dict[str, float]) -> None:
        """One checkpoint: `step` (the last one in it), seconds and bytes of writing it."""
        with self._saved.open("a") as file:
            file.write(json.dumps(values) + "\n")
        if self._wandb:
            self._wandb.log(names.for_wandb(values))

    def close(self) -> None:
        """The run is at its end, or was interrupted."""
        self._file.close()
        self._line.close()
        if self._wandb:
            import wandb

            self._wandb.finish()
            wandb.teardown()


def _text(values: dict[str, Any]) -> str:
    loss = "none" if values["loss"] is None else f"{values['loss']:.4f}"
    return (
        f"loss {loss}  lr {values['lr']:.2e}  grad {values['grad_norm']:.2f}  "
        f"{values['tokens_per_s']:,.0f} tokens/s"
    )


class _PlainLine:
    """A printed line now and then, for logs."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._last = 0.0

    def show(self, values: dict[str, Any]) -> None:
        done = int(values["step"]) + 1
        if done == self._steps or time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            text = f"step {done} of {self._steps}  {_text(values)}"
            print(text, file=sys.stderr, flush=True)

    def close(self) -> None: ...


class _RichLine:
    """A bar with the numbers of the last step, for terminals."""

    def __init__(self, step: int, steps: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(file=rank_log.terminal()),
            redirect_stdout=False,  # what is printed goes through the rank's log
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=steps, completed=step)
        self._progress.start()

    def show(self, values: dict[str, Any]) -> None:
        self._progress.update(self._task, advance=1, description=_text(values))

    def close(self) -> None:
        self._progress.stop()


def _line(step: int, steps: int) -> Any:
    return _RichLine(step, steps) if rank_log.terminal().isatty() else _PlainLine(steps)


def _wandb(run: Run, run_id: str) -> Any:
    if run.log.wandb == "disabled":
        return None
    import wandb

    session = wandb.init(
        project=run.log.project,
        id=run_id,
        name=run.name,
        dir=run.path,
        mode=run.log.wandb,
        resume="allow",
        config={"run": to_yaml(run)},
        settings=wandb.Settings(silent=True),
    )
    session.define_metric("*", step_metric="step")  # wandb's own counter would refuse steps redone
    return session
