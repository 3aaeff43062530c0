"""The loss of every token of a forward pass, kept as it leaves the head: no second forward.

`engine(…)` gives the sum only. A hook on the head keeps the losses behind it, float32 [T] on the
device, until they are taken: under ZeRO-3, too, and in training as in validation. Costs 4 bytes a
token of one micro-batch, and no work.
"""

from typing import Any

from torch import Tensor, nn


class HeadLosses:
    """Hears the head of one engine."""

    def __init__(self, engine: Any) -> None:
        self._kept: Tensor | None = None
        engine.module.lm_head.register_forward_hook(self._keep)

    def take(self, n_tokens: int) -> Tensor:
        """Losses in nats, float32 [n_tokens], of the forward pass since the last; 0: unscored.

        A head that is asked for more at a time (other depths, other sums) gives these first.
        """
        assert self._kept is not None, "a forward pass with labels came before"
        kept, self._kept = self._kept, None
        return kept[:n_tokens]

    def forget(self) -> None:
        """Nobody took those of the last pass."""
        self._kept = None

    def _keep(self, head: nn.Module, given: tuple[Any, ...], out: Tensor) -> None:
        with_labels = len(given) > 1 and given[1] is not None
        if self._kept is None and with_labels:
            self._kept = out.detach() if out.dim() == 1 else out.detach()[0]
