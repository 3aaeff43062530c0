"""Bits per byte from token losses: the arithmetic of evaluation and of validation in a run.

Bits are -log₂ p summed over the predicted tokens of a text; divided by the UTF-8 bytes of the same
tokens they compare models whatever their tokenizer. Sums are float64; those over texts are exact
(`math.fsum`), so they do not depend on their order.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from torch import Tensor


def segment_bits(losses: Tensor, lengths: Sequence[int]) -> np.ndarray:
    """Bits of each segment, float64 [n].

    Args:
        losses: nats of each token, float32 [T], 0 where it is not predicted.
        lengths: tokens of each segment, in order, 1 or more; they sum to T.
    """
    nats = np.add.reduceat(losses.double().cpu().numpy(), np.cumsum([0, *lengths[:-1]]))
    bits: np.ndarray = nats / math.log(2)
    return bits


def bits_per_byte(bits: Iterable[float], n_bytes: int) -> float | None:
    """Bits of texts over their bytes; None where there are no bytes."""
    return math.fsum(bits) / n_bytes if n_bytes else None
