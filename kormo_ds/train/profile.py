"""`log.profile=10-12`: a trace of steps 10, 11 and 12 of rank 0, and its longest operators.

    data/runs/demo/profile/
      steps-10-12.json.gz   opens in chrome://tracing or ui.perfetto.dev
      steps-10-12.txt       operators by their own time, as printed

Steps before and after run as always. The profiler itself takes time and memory in the steps that it
watches, so their seconds are not the run's; the weights are the same to the bit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from kormo_ds.config import Run
from kormo_ds.train import ranks

ROWS = 15
"""Operators in the printed table."""


class Trace:
    """Starts and ends the profiler where a run asks for it; every rank has one."""

    def __init__(self, run: Run) -> None:
        self._run = run
        steps = run.log.profiled if ranks.rank() == 0 else range(0)
        self._steps = range(steps.start, min(steps.stop, run.train.steps))
        self._profiler: Any = None

    @contextmanager
    def of(self, step: int) -> Iterator[None]:
        """The step is done inside."""
        if step not in self._steps:
            yield
            return
        if self._profiler is None:
            self._profiler = torch.profiler.profile(activities=_activities())
            self._profiler.start()
        yield
        if step == self._steps[-1]:
            self._profiler.stop()
            self._write()
            self._profiler = None

    def _write(self) -> None:
        folder = self._run.path / "profile"
        folder.mkdir(exist_ok=True)
        name = f"steps-{self._steps[0]}-{self._steps[-1]}"
        trace = folder / f"{name}.json.gz"
        self._profiler.export_chrome_trace(str(trace))
        device = "cuda" if ranks.device().type == "cuda" else "cpu"
        table = self._profiler.key_averages().table(f"self_{device}_time_total", ROWS)
        (folder / f"{name}.txt").write_text(table)
        print(f"{table}\ntrace of {len(self._steps)} steps: {trace}", flush=True)


def _activities() -> list[Any]:
    kinds = torch.profiler.ProfilerActivity
    return [kinds.CPU, kinds.CUDA] if ranks.device().type == "cuda" else [kinds.CPU]
