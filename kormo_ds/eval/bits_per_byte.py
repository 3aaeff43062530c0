"""Bits per byte: how well a model predicts a text, whatever its tokenizer.

The sum of -log₂ p over the tokens of the text, given BOS, divided by the UTF-8 bytes of the text.
BOS is not predicted and EOS is not counted, so numerator and denominator speak of the same bytes
(as in lm-evaluation-harness and nanochat).

A text longer than the window is cut into windows that do not overlap: each token is predicted once,
and the first of a window from the last of the one before it alone. That is the harness's rolling
log-likelihood with a context of one token, and what `concat` packing shows a model in training.

Windows of many documents go through the model as one stream with document masks: no padding.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch

from kormo_ds.errors import BadInput
from kormo_ds.eval.documents import Document
from kormo_ds.model import Transformer
from kormo_ds.model.bits import segment_bits
from kormo_ds.progress import Advance, silent
from kormo_ds.text.tokens import Vocabulary

BATCH_TOKENS = 8192
"""Tokens that go through the model at a time; a window is never cut for it."""
_DOCUMENTS = 64


@dataclass(frozen=True)
class Score:
    """What predicting one document cost."""

    document: Document
    bits: float
    n_bytes: int
    n_tokens: int
    """Tokens of the text, BOS and EOS not counted."""


@dataclass(frozen=True)
class _Window:
    """Tokens of one document, and the token that follows each."""

    owner: int
    tokens: Sequence[int]
    labels: Sequence[int]


@torch.inference_mode()
def scores(
    model: Transformer,
    vocabulary: Vocabulary,
    documents: Iterable[Document],
    *,
    length: int,
    batch_tokens: int = BATCH_TOKENS,
    advance: Advance = silent,
) -> Iterator[Score]:
    """Score documents one by one, in their order; a document without text costs 0 bits.

    Args:
        model: the whole model, on one device.
        vocabulary: the tokenizer it was trained with.
        documents: any number; 64 are held at a time.
        length: tokens of a window, best the row length of training.
        batch_tokens: tokens of a forward pass.
        advance: told of each document.

    Raises:
        BadInput: a length below 1.
    """
    if length < 1:
        raise BadInput(f"length={length}: a window needs at least 1 token")
    pending = iter(documents)
    while group := list(islice(pending, _DOCUMENTS)):
        ids = [encoding.ids for encoding in vocabulary.encode([d.text for d in group])]
        windows = (
            window
            for owner, stream in enumerate(ids)
            for window in _windows(owner, [vocabulary.bos, *stream], length)
        )
        bits = np.zeros(len(group))
        for batch in _batches(windows, batch_tokens):
            np.add.at(bits, [window.owner for window in batch], _bits(model, batch))
        for document, stream, cost in zip(group, ids, bits, strict=True):
            yield Score(document, float(cost), len(document.text.encode()), len(stream))
            advance()


def _windows(owner: int, stream: list[int], length: int) -> Iterator[_Window]:
    """Cut BOS and text so that every token but BOS is a label once."""
    for start in range(0, len(stream) - 1, length):
        end = min(start + length, len(stream) - 1)
        yield _Window(owner, stream[start:end], stream[start + 1 : end + 1])


def _batches(windows: Iterable[_Window], batch_tokens: int) -> Iterator[list[_Window]]:
    batch: list[_Window] = []
    size = 0
    for window in windows:
        if batch and size + len(window.tokens) > batch_tokens:
            yield batch
            batch, size = [], 0
        batch.append(window)
        size += len(window.tokens)
    if batch:
        yield batch


def _bits(model: Transformer, batch: list[_Window]) -> np.ndarray:
    """Bits of each window, float64."""
    device = model.embed_tokens.weight.device
    lengths = [len(window.tokens) for window in batch]
    losses = model.losses(
        torch.tensor([token for window in batch for token in window.tokens], device=device),
        torch.tensor([label for window in batch for label in window.labels], device=device),
        torch.cat([torch.arange(length, device=device) for length in lengths]),
        lengths,
    )
    return segment_bits(losses, lengths)
