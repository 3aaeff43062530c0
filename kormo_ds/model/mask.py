"""Who sees whom: the three masks, as blocks of the stream and rules inside them.

    document   a query sees its own piece up to itself; the paper's choice
    causal     it sees everything before it in its row, as in most pretraining; padding is apart
    xlda       it sees its own piece up to itself, and of the earlier pieces in its row those in
               another language: documents of two languages stand in one context and those of one
               language stay apart. The idea is Trillion-7B's (cross-lingual document attention),
               which publishes no mask: this rule is our own reading of it

A block is a run of tokens that no query sees out of. All of document and causal is blocks, so every
backend does them at Σ block² work; xlda needs an explicit L × L mask in each row that has more than
one piece, and the work of causal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kormo_ds.errors import BadInput


@dataclass(frozen=True)
class Visible:
    """What the queries of a batch may see."""

    blocks: Sequence[int]
    """Tokens of each block, in order; sums to T."""
    rules: Sequence[Tensor | None]
    """For each block the mask [query, key] inside it, bool [L, L]; None is causal."""

    @property
    def explicit(self) -> bool:
        """True where a block has a rule beyond causality."""
        return any(rule is not None for rule in self.rules)


def visible(
    mask: str, lengths: Sequence[int], rows: Sequence[int], languages: Sequence[str]
) -> Visible:
    """The mask called `mask` over a stream of pieces.

    Args:
        mask: document, causal or xlda.
        lengths: tokens of each piece.
        rows: pieces of each row, padding as a row of its own; sums to the pieces. None given:
            each piece is a row.
        languages: of each piece, for xlda; '' is unknown, and never differs from another.

    Raises:
        BadInput: rows or languages are not those of the pieces.
    """
    if mask == "document" or not rows:
        return Visible(lengths, [None] * len(lengths))
    if sum(rows) != len(lengths):
        raise BadInput(f"the rows of a batch have {sum(rows)} pieces, its lengths {len(lengths)}")
    if mask == "xlda" and len(languages) != len(lengths):
        raise BadInput(
            f"model.mask = 'xlda' needs the language of each of {len(lengths)} pieces, and "
            f"{len(languages)} are given"
        )
    blocks, rules, first = [], [], 0
    for count in rows:
        pieces = slice(first, first + count)
        blocks.append(sum(lengths[pieces]))
        explicit = mask == "xlda" and count > 1
        rules.append(_cross_lingual(lengths[pieces], languages[pieces]) if explicit else None)
        first += count
    return Visible(blocks, rules)


def _cross_lingual(lengths: Sequence[int], languages: Sequence[str]) -> Tensor:
    """The rule of one row, bool [L, L] on the CPU."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(languages))}
    counts = torch.tensor(lengths)
    piece = torch.arange(len(lengths)).repeat_interleave(counts)
    language = torch.tensor([numbers[name] for name in languages]).repeat_interleave(counts)
    known = torch.tensor([bool(name) for name in languages]).repeat_interleave(counts)
    own = piece[:, None] == piece[None, :]
    foreign = (language[:, None] != language[None, :]) & known[:, None] & known[None, :]
    return (own | foreign).tril()
