"""Documents of a mixture to tokens: fetched, written in their form, encoded on all cores, in order.

Two encoding calls run at any time, so that a long document at the end of one does not leave cores
idle; this thread meanwhile fetches texts and turns finished encodings into arrays (90 ns a token,
of about 1,400 that encoding takes on one core).
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.chat import Encoded
from kormo_ds.errors import BadInput
from kormo_ds.pack.form import Form, sizes
from kormo_ds.pack.tokens import Tokens
from kormo_ds.progress import Advance
from kormo_ds.recorded import Documents, Recorded

CALL_BYTES = 1 << 22
"""UTF-8 bytes of one encoding call, more only for a single document; bounds the memory of books."""
CALLS = 2
"""Encoding calls at a time."""


def tokenised(
    mixture: Recorded, form: Form, turn: int, index: int, progress: Advance, longest: int = 0
) -> Iterator[Tokens]:
    """The documents of `mixture` from place `index` of pass `turn` on.

    Args:
        mixture: where the documents are.
        form: how they are written.
        turn: the pass to start in.
        index: the place in the selection to start at.
        progress: told the number of documents.
        longest: documents of more tokens are dropped, which their place in `Tokens` says; 0: none.

    Raises:
        BadInput: a document without clean text, or one that has not as many tokens as the column
            of counts says: another tokenizer of this name was counted with.
    """
    known = mixture.dataset().schema.names
    also = [name for name in known if name in (form.counted, "lang")]
    columns = [*form.reads(known), *also]
    pending: deque[tuple[Documents, Future[Encoded]]] = deque()

    def finished() -> Tokens:
        documents, encoded = pending.popleft()
        return _finished(documents, encoded.result(), form, progress, longest)

    with ThreadPoolExecutor(CALLS) as pool:
        for documents in chain.from_iterable(map(_calls, mixture.read(columns, turn, index))):
            pending.append((documents, pool.submit(form.encoding(documents))))
            if len(pending) > CALLS:
                yield finished()
        while pending:
            yield finished()


def _calls(documents: Documents) -> Iterator[Documents]:
    """The documents in parts that one encoding call is given."""
    ends = np.cumsum(sizes(documents.columns))
    first = 0
    while first < len(ends):
        before = ends[first - 1] if first else 0
        end = max(first + 1, int(np.searchsorted(ends, before + CALL_BYTES, side="right")))
        yield documents.slice(first, end)
        first = end


def _finished(
    documents: Documents, encoded: Encoded, form: Form, progress: Advance, longest: int
) -> Tokens:
    """The tokens of encoded documents; checked against their counts."""
    lengths = np.diff(encoded.edges)
    _check(documents, lengths - form.edges, form)
    dropped = np.where((lengths > longest) & bool(longest), lengths, 0)
    edges, ids, scored = encoded.edges, encoded.ids, encoded.scored
    if dropped.any():
        kept = np.repeat(dropped == 0, lengths)
        ids, scored = ids[kept], None if scored is None else scored[kept]
        edges = np.concatenate([[0], np.cumsum(np.where(dropped, 0, lengths))])
    progress(len(lengths))
    return Tokens(
        ids=ids,
        edges=edges,
        doc_ids=documents.columns["doc_id"].combine_chunks(),
        components=documents.components,
        languages=_languages(documents),
        turns=np.full(len(lengths), documents.turn),
        indices=documents.indices,
        scored=scored,
        dropped=dropped,
    )


def _languages(documents: Documents) -> pa.Array:
    """The language that each document's source claims; '' where it claims none."""
    return pc.fill_null(documents.columns["lang"].combine_chunks().cast(pa.string()), "")


def _check(documents: Documents, lengths: np.ndarray, form: Form) -> None:
    """Compare with the column of counts where it is filled.

    Raises:
        BadInput: a count differs.
    """
    column = form.counted
    if column not in documents.columns.schema.names:
        return
    said = pc.fill_null(documents.columns[column], -1).to_numpy()
    wrong = np.flatnonzero((said != lengths) & (said >= 0))
    if len(wrong):
        doc_id = documents.columns["doc_id"][int(wrong[0])]
        name = column.partition("_tokens_")[2]
        raise BadInput(
            f"column {column} says {said[wrong[0]]} tokens for document '{doc_id}', tokenizer "
            f"'{name}' makes {lengths[wrong[0]]}: another tokenizer counted, or spans "
            "were written since; "
            f"drop the column with: kormo lake drop {column}, count again, record the mixture again"
        )
