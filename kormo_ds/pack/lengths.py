"""How long a mixture's documents are, and what packing will make of them, before it is packed.

Token counts come from the column `n_tokens_NAME`, BOS and EOS are added, and the documents go
through the windows and the placing of `best_fit` by their lengths alone. So rows and padding are no
estimate: they are what `kormo pack` will write. Costs one join of the selection with two columns,
and two operations a document; 24 bytes a document stay in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.pack.best_fit import cut, place
from kormo_ds.pack.run import BLOCK_TOKENS
from kormo_ds.recorded import Recorded
from kormo_ds.recorded.documents import in_turn

if TYPE_CHECKING:
    from lake import Lake

SHORTEST_BIN = 1024
"""Documents below are one bin; bins double from here on, and the row's length begins one."""


@dataclass(frozen=True)
class Bin:
    """Documents of one component with `least` to below `below` tokens, BOS and EOS included."""

    component: str
    least: int
    below: int | None
    """None: no end."""
    n_documents: int
    """Each pass counted."""
    n_tokens: int


@dataclass(frozen=True)
class Lengths:
    """What packing a mixture in rows of `length` tokens will meet and make."""

    mixture: str
    tokenizer: str
    length: int
    bins: tuple[Bin, ...]
    """By component and length; those that hold documents."""
    n_documents: int
    """Each pass counted."""
    n_tokens: int
    n_longer: int
    """Documents longer than a row: cut by both strategies."""
    n_longer_tokens: int
    n_rows: int
    """Of best_fit."""
    n_padding: int
    n_concat_rows: int
    n_concat_cut: int
    """Documents that concat cuts or leaves over: all that lie on the end of a row."""


def measure(
    lk: "Lake",
    mixture: str,
    length: int,
    tokenizer: str = "",
    block_tokens: int = BLOCK_TOKENS,
) -> Lengths:
    """Measure `mixture` (NAME or NAME@VERSION) for rows of `length` tokens.

    Args:
        lk: the lake.
        mixture: a recorded mixture.
        length: tokens in a row.
        tokenizer: whose counts; by default the one that the mixture was counted with.
        block_tokens: as `kormo_ds.pack.pack`.

    Raises:
        UnknownName: the mixture was not recorded.
        BadConfig: a length below 2, or no tokenizer is known.
        BadInput: the documents, or some of them, are not counted.
    """
    if length < 2:
        raise BadConfig(f"length={length}: a row needs at least 2 tokens")
    source = Recorded.named(lk, mixture)
    tokenizer = tokenizer or source.mixture.tokenizer or ""
    if not tokenizer:
        raise BadConfig("say whose tokens count with tokenizer=NAME; count them before: " + _WAY)
    passes = list(_passes(lk, source, tokenizer))
    lengths = np.concatenate([sizes for sizes, _ in passes])
    components = pa.concat_arrays([names for _, names in passes])
    longer = lengths > length
    n_rows = _rows(lengths, length, max(1, block_tokens // length))
    edges = np.cumsum(lengths)
    n_tokens = int(edges[-1])
    kept = n_tokens // length * length
    whole = ((edges - lengths) // length == (edges - 1) // length) & (edges <= kept)
    return Lengths(
        mixture=str(source),
        tokenizer=tokenizer,
        length=length,
        bins=tuple(_bins(lengths, components, length)),
        n_documents=len(lengths),
        n_tokens=n_tokens,
        n_longer=int(longer.sum()),
        n_longer_tokens=int(lengths[longer].sum()),
        n_rows=n_rows,
        n_padding=n_rows * length - n_tokens,
        n_concat_rows=n_tokens // length,
        n_concat_cut=int((~whole).sum()),
    )


_WAY = "kormo step run n_tokens n_tokens.tokenizer=NAME, then record the mixture again"


def _passes(lk: "Lake", source: Recorded, tokenizer: str) -> Iterator[tuple[np.ndarray, pa.Array]]:
    """Tokens (int64) and component of each document of each pass, in the order of packing."""
    column = f"n_tokens_{tokenizer}"
    if column not in source.dataset().schema.names:
        raise BadInput(
            f"documents had no {column} when {source} was recorded; count them: "
            + _WAY.replace("NAME", tokenizer)
        )
    selection = _counted(lk, source, column)
    missing = selection["n_tokens"].null_count
    if missing:
        raise BadInput(
            f"{missing:,} documents of {source} have no {column} yet; count them: "
            + _WAY.replace("NAME", tokenizer)
        )
    most = pc.max(selection["repeats"]).as_py()
    turn = 0
    while turn < most:
        chosen = np.flatnonzero(in_turn(selection, turn))
        counts = selection["n_tokens"].to_numpy()[chosen]
        yield counts + 2, selection["component"].take(pa.array(chosen))
        turn += 1


def _counted(lk: "Lake", source: Recorded, column: str) -> pa.RecordBatch:
    """`doc_id`, `component`, `repeats` and `n_tokens` of the selection, in its order."""
    from lake import duck

    table = f'mixtures."{source}"'
    mentioned = f"select from {table} join documents"
    con = duck.connect(lk, at=source.mixture.documents_version, mentioned=mentioned)
    rows = con.sql(
        f'select doc_id, component, repeats, "{column}"::bigint as n_tokens '
        f"from {table} join documents using (doc_id) order by sort_key, doc_id"
    )
    table_ = rows.to_arrow_table().combine_chunks()
    [batch] = table_.to_batches()
    return batch


def _rows(lengths: np.ndarray, length: int, block_rows: int) -> int:
    """Rows that `best_fit` makes of documents of these lengths, window by window."""
    edges = np.concatenate([[0], np.cumsum(lengths)])
    first, n_rows = 0, 0
    while first < len(lengths):
        last = int(np.searchsorted(edges, edges[first] + block_rows * length))
        last = min(last, len(lengths))
        _, _, pieces = cut(edges[first : last + 1] - edges[first], length)
        n_rows += int(place(pieces, length).max()) + 1
        first = last
    return n_rows


def _bins(lengths: np.ndarray, components: pa.Array, length: int) -> Iterator[Bin]:
    """The bins that hold documents, by component and length."""
    top = max(int(lengths.max()), length)
    bounds = [0]
    bound = SHORTEST_BIN
    while bound <= top:
        bounds.append(bound)
        bound *= 2
    starts = sorted({*bounds, length + 1})
    which = np.searchsorted(starts, lengths, side="right") - 1
    named = components.dictionary_encode()
    codes = named.indices.to_numpy()
    names = named.dictionary.to_pylist()
    for name in sorted(names):
        for place_, least in enumerate(starts):
            inside = (which == place_) & (codes == names.index(name))
            if inside.any():
                below = starts[place_ + 1] if place_ + 1 < len(starts) else None
                n_tokens = int(lengths[inside].sum())
                yield Bin(name, least, below, int(inside.sum()), n_tokens)
