"""Who does the forward passes of an evaluation: this process alone, or all ranks of a job."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import torch

from kormo_ds.config import ModelConfig
from kormo_ds.model import Transformer

T = TypeVar("T")


class Workers(Protocol):
    """One member's view of them; all members make the same calls in the same order."""

    rank: int
    world: int
    device: torch.device
    dtype: torch.dtype
    config: ModelConfig

    def inside(self, work: Callable[[Transformer], T]) -> T:
        """What `work` makes of the model, as one forward pass of it."""
        ...

    def gathered(self, value: T) -> list[T]:
        """`value` of every member, in order of rank."""
        ...

    def any(self, flag: bool) -> bool:
        """Is it so for any member?"""
        ...


class Alone:
    """A whole model on one device."""

    rank = 0
    world = 1

    def __init__(self, model: Transformer) -> None:
        self.config = model.config
        self.device = model.embed_tokens.weight.device
        self.dtype = model.embed_tokens.weight.dtype
        self._model = model

    @torch.inference_mode()
    def inside(self, work: Callable[[Transformer], T]) -> T:
        """What `work` makes of the model."""
        return work(self._model)

    def gathered(self, value: T) -> list[T]:
        """The one value."""
        return [value]

    def any(self, flag: bool) -> bool:
        """The one flag."""
        return flag
