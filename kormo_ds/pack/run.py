"""Pack a recorded mixture under a name: once, resumable, and never two things under one name.

A kill loses at most the rows since the last commit, 67 million tokens: the next start reads the
state of that commit and makes the same rows that an undisturbed run makes.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kormo_ds.errors import BadConfig, BadInput, KormoError
from kormo_ds.pack import groups
from kormo_ds.pack.best_fit import best_fit
from kormo_ds.pack.block import Block, State
from kormo_ds.pack.concat import concat
from kormo_ds.pack.facts import check_same, facts
from kormo_ds.pack.form import form
from kormo_ds.pack.settings import Settings, checked
from kormo_ds.pack.tokenise import tokenised
from kormo_ds.pack.tokens import Tokens
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import Recorded
from kormo_ds.sequences.groups import FILE as GROUPS
from kormo_ds.sequences.write import Writer
from kormo_ds.text import tokens
from lake import NoTable

if TYPE_CHECKING:
    from lake import Lake

BLOCK_TOKENS = 1 << 22
"""Tokens of a block of rows: the window of best_fit, the unit of memory."""
BLOCKS_A_COMMIT = 16
"""Blocks of one commit: what a kill can cost, and the size of a Lance fragment."""


@dataclass(frozen=True)
class Packed:
    """What stands in the registry row of packed sequences."""

    facts: dict[str, Any]
    was_there: bool
    """True if they were complete before."""


def pack(
    lk: "Lake",
    mixture: str,
    settings: Settings,
    progress: Advance = silent,
    *,
    block_tokens: int = BLOCK_TOKENS,
    blocks_a_commit: int = BLOCKS_A_COMMIT,
) -> Packed:
    """Pack `mixture` (NAME or NAME@VERSION) into <lake>/sequences/NAME, or go on with it.

    Raises:
        UnknownName: the mixture was not recorded, no such tokenizer or strategy.
        BadInput: nothing to pack, or documents that cannot be.
        BadConfig: the name belongs to sequences with other parameters, or settings that cannot be
            together.
        KormoError: the disk is full; the same call goes on later.
        LakeLocked: another process is writing to the lake.
    """
    settings = checked(settings)
    if not settings.tokenizer:
        known = ", ".join(tokens.names(lk)) or "none yet"
        raise BadConfig(f"say which tokenizer with tokenizer=NAME; known: {known}")
    source = Recorded.named(lk, mixture)
    vocabulary = tokens.named(lk, settings.tokenizer)
    name = settings.name or source.mixture.mixture
    asked = facts(source, vocabulary, settings, name, block_tokens)
    folder = lk.path("sequences", name)

    with lk.lock(f"pack {name}"):
        try:
            writer = Writer(folder, settings.length, asked)
            check_same(writer.facts, asked)
            was_there = writer.complete
            if not was_there:
                content = lk.read_bytes("tokenizers", settings.tokenizer, tokens.FILE)
                lk.write_bytes(content, "sequences", name, tokens.FILE)
                block_rows = max(1, block_tokens // settings.length)
                _write(writer, source, vocabulary, settings, block_rows, blocks_a_commit, progress)
            if settings.groups:
                lk.write_bytes(groups.content(source), "sequences", name, GROUPS)
            _register(lk, writer.facts)
        except OSError as error:
            raise KormoError(
                f"cannot write {folder}: {str(error).split(', /')[0]}; what was committed is kept; "
                f"when there is space, go on with: {asked['command']}"
            ) from error
    return Packed(writer.facts, was_there)


def _write(
    writer: Writer,
    source: Recorded,
    vocabulary: tokens.Vocabulary,
    settings: Settings,
    block_rows: int,
    blocks_a_commit: int,
    progress: Advance,
) -> None:
    """Write what is not written yet, commit by commit, and finish the table."""
    writer.sweep()
    state = State(**writer.state)
    progress(state.n_documents, total=source.n_reads())
    written = form(settings.render, settings.rule, vocabulary)
    longest = settings.length if settings.render == "chat" else 0
    stream = tokenised(source, written, state.turn, state.index, progress, longest)
    stream = _without_beginning(stream, state.offset)
    if settings.strategy == "concat":
        blocks = concat(stream, settings.length, block_rows, state)
    else:
        blocks = best_fit(stream, settings.length, block_rows, state, vocabulary.pad)

    last = Block(pa.record_batch({}), state)

    def rows() -> Iterator[tuple[pa.RecordBatch, dict[str, Any]]]:
        nonlocal last
        for last in blocks:
            if last.rows.num_rows:
                yield last.rows, asdict(last.state)

    ready = rows()
    for first in ready:
        writer.append(chain([first], islice(ready, blocks_a_commit - 1)))
    totals = _totals(last, settings)
    if settings.render == "chat":
        _check_scored(totals, settings.length)
    if not writer.n_rows:
        raise BadInput(
            f"mixture {source} has {totals['n_tokens_in']} tokens, fewer than one row of "
            f"{settings.length}; choose a smaller length, or strategy=best_fit"
        )
    writer.finish(totals)


def _without_beginning(stream: Iterator[Tokens], n: int) -> Iterator[Tokens]:
    """The tokens without the first `n`, which are of the first document."""
    for part in stream:
        yield part.cut(n)[1] if n else part  # nothing dropped at its beginning is lost
        break
    yield from stream


def _totals(last: Block, settings: Settings) -> dict[str, int]:
    """Tokens in, packed and left over; in = packed + left over."""
    state, rest = last.state, last.left_over
    n_left_over = len(rest.ids) if rest else 0
    totals = {
        "n_documents": state.n_documents + (rest.n_documents if rest else 0),
        "n_tokens_in": state.n_tokens_in + (n_left_over + rest.offset if rest else 0),
        "n_tokens_packed": state.n_tokens_packed,
        "n_tokens_left_over": n_left_over,
        "n_padding": state.n_padding,
    }
    assert totals["n_tokens_in"] == state.n_tokens_packed + n_left_over, totals
    if settings.render != "text":
        totals["n_tokens_scored"] = state.n_tokens_scored
    if settings.render == "chat":
        totals |= {"n_dropped": state.n_dropped, "n_tokens_dropped": state.n_tokens_dropped}
    return totals


def _check_scored(totals: dict[str, int], length: int) -> None:
    """Refuse chats that teach nothing, or of which all is scored, as no rule does.

    Raises:
        BadInput: with what to do.
    """
    if totals["n_dropped"] == totals["n_documents"]:
        raise BadInput(
            f"all {totals['n_documents']} conversations have more than {length} tokens and would "
            "be dropped; choose a greater length"
        )
    scored, packed = totals["n_tokens_scored"], totals["n_tokens_packed"]
    if scored in (0, packed):
        raise BadInput(
            f"{scored} of {packed} tokens are scored: a model would learn "
            f"{'what users say' if scored else 'nothing'}; look at it with: kormo sft preview"
        )


def _register(lk: "Lake", facts: dict[str, Any]) -> None:
    """Add the row of the lake's table `sequences`, if a kill has not let it be added yet."""
    row = {name: facts.get(name) for name in lk.schema("sequences").names}
    row["created_at"] = datetime.now(UTC)
    try:
        there = lk.dataset("sequences").to_table(columns=["name", "fingerprint"]).to_pylist()
    except NoTable:
        there = []
    if {"name": facts["name"], "fingerprint": facts["fingerprint"]} not in there:
        lk.append("sequences", pa.Table.from_pylist([row], schema=lk.schema("sequences")))
