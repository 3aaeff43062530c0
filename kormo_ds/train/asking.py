"""All ranks of a job as one model that can be asked, between two steps.

A question is answered by a function of the model that runs in place of the model's own forward, so
that hooks of ZeRO-3 around it gather the parameters and let go of them as in any forward pass. All
ranks make the same number of such passes. Ranks that share a stream in training
(`train.sequence_parallel`) have streams of their own here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch

from kormo_ds.config import Run
from kormo_ds.model import Transformer
from kormo_ds.train import ranks
from kormo_ds.train.engine import DTYPES
from kormo_ds.train.head_losses import HeadLosses

T = TypeVar("T")


class Asking:
    """One rank's view of them; usable inside `begun`."""

    def __init__(self, run: Run, engine: Any, heard: HeadLosses) -> None:
        self.rank, self.world = ranks.rank(), ranks.world()
        self.device = ranks.device()
        self.dtype = DTYPES[run.train.precision]
        self.config = run.model
        self._engine, self._heard = engine, heard

    @contextmanager
    def begun(self) -> Iterator[None]:
        """The model evaluates within, and trains on afterwards as if nothing had been asked."""
        model = self._engine.module
        spread, n_shares = model.spread, model.n_shares
        model.spread, model.n_shares = None, 1
        self._engine.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self._engine.train()
            model.spread, model.n_shares = spread, n_shares
            self._heard.forget()

    def inside(self, work: Callable[[Transformer], T]) -> T:
        """What `work` makes of the model, as one forward pass of it."""
        model = self._engine.module
        before = model.__dict__.get("forward")
        found: list[T] = []
        model.forward = lambda: found.append(work(model))  # hooks look into what a forward returns
        try:
            model()
        finally:
            del model.forward
            if before is not None:
                model.forward = before
        return found[0]

    def gathered(self, value: T) -> list[T]:
        """`value` of every rank."""
        return ranks.gathered(value)

    def any(self, flag: bool) -> bool:
        """Is it so on any rank?"""
        return ranks.total(int(flag)) > 0
