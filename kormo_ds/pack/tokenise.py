"""Documents of a mixture to tokens: fetched, spans applied, encoded on all cores, framed, in order.

Two encoding calls run at any time, so that a long document at the end of one does not leave cores
idle; this thread meanwhile fetches texts and turns finished encodings into arrays (90 ns a token,
of about 1,400 that encoding takes on one core).
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadInput
from kormo_ds.pack.tokens import Tokens
from kormo_ds.progress import Advance
from kormo_ds.recorded import Documents, Recorded
from kormo_ds.text import final
from kormo_ds.text.tokens import Vocabulary

if TYPE_CHECKING:
    from tokenizers import Encoding

CALL_BYTES = 1 << 22
"""UTF-8 bytes of one encoding call, more only for a single document; bounds the memory of books."""
CALLS = 2
"""Encoding calls at a time."""


def tokenised(
    mixture: Recorded, vocabulary: Vocabulary, turn: int, index: int, progress: Advance
) -> Iterator[Tokens]:
    """The documents of `mixture` from place `index` of pass `turn` on, each BOS text EOS.

    Args:
        mixture: where the documents are.
        vocabulary: what encodes them.
        turn: the pass to start in.
        index: the place in the selection to start at.
        progress: told the number of documents.

    Raises:
        BadInput: a document without clean text, or one that has not as many tokens as the column
            n_tokens_NAME says: another tokenizer of this name was counted with.
    """
    counted = f"n_tokens_{vocabulary.name}"
    known = mixture.dataset().schema.names
    also = [name for name in known if name in (counted, "lang")]
    columns = ["text_clean", *final.needed(known), *also]
    pending: deque[tuple[Documents, Future[list[Encoding]]]] = deque()
    with ThreadPoolExecutor(CALLS) as pool:
        for documents in chain.from_iterable(map(_calls, mixture.read(columns, turn, index))):
            texts = _texts(documents)
            pending.append((documents, pool.submit(vocabulary.encode, texts)))
            if len(pending) > CALLS:
                yield _finished(*pending.popleft(), vocabulary, progress)
        while pending:
            yield _finished(*pending.popleft(), vocabulary, progress)


def _calls(documents: Documents) -> Iterator[Documents]:
    """The documents in parts that one encoding call is given."""
    texts = documents.columns["text_clean"].combine_chunks()
    ends = np.cumsum(pc.binary_length(texts).to_numpy())
    first = 0
    while first < len(ends):
        before = ends[first - 1] if first else 0
        end = max(first + 1, int(np.searchsorted(ends, before + CALL_BYTES, side="right")))
        yield documents.slice(first, end)
        first = end


def _texts(documents: Documents) -> list[str]:
    """What is encoded of each document.

    Raises:
        BadInput: nothing is left of one; the mixture must not select it.
    """
    texts: list[str] = final.of(documents.columns).to_pylist()
    for place, text in enumerate(texts):
        if not text.strip() and documents.columns["text_clean"][place].as_py().strip():
            raise BadInput(
                f"document '{documents.columns['doc_id'][place]}' has no text left after its "
                "spans; let the mixture ask for bff_reason = 'kept', or leave it out by its doc_id"
            )
    return texts


def _finished(
    documents: Documents,
    encodings: "Future[list[Encoding]]",
    vocabulary: Vocabulary,
    progress: Advance,
) -> Tokens:
    """The tokens of encoded documents, BOS and EOS around each; checked against their counts."""
    lists = [encoding.ids for encoding in encodings.result()]
    sizes = np.fromiter(map(len, lists), np.int64, len(lists))
    _check(documents, sizes, vocabulary)
    edges = np.concatenate([[0], np.cumsum(sizes + 2)])
    ids = np.empty(edges[-1], np.int32)
    inside = np.ones(len(ids), bool)
    for places, token in ((edges[:-1], vocabulary.bos), (edges[1:] - 1, vocabulary.eos)):
        ids[places] = token
        inside[places] = False
    ids[inside] = np.fromiter(chain.from_iterable(lists), np.int32, int(sizes.sum()))
    progress(len(lists))
    return Tokens(
        ids=ids,
        edges=edges,
        doc_ids=documents.columns["doc_id"].combine_chunks(),
        components=documents.components,
        languages=_languages(documents),
        turns=np.full(len(lists), documents.turn),
        indices=documents.indices,
    )


def _languages(documents: Documents) -> pa.Array:
    """The language that each document's source claims; '' where it claims none."""
    return pc.fill_null(documents.columns["lang"].combine_chunks().cast(pa.string()), "")


def _check(documents: Documents, sizes: np.ndarray, vocabulary: Vocabulary) -> None:
    """Compare with the column n_tokens_NAME where it is filled.

    Raises:
        BadInput: a count differs.
    """
    column = f"n_tokens_{vocabulary.name}"
    if column not in documents.columns.schema.names:
        return
    said = pc.fill_null(documents.columns[column], -1).to_numpy()
    wrong = np.flatnonzero((said != sizes) & (said >= 0))
    if len(wrong):
        doc_id = documents.columns["doc_id"][int(wrong[0])]
        raise BadInput(
            f"column {column} says {said[wrong[0]]} tokens for document '{doc_id}', tokenizer "
            f"'{vocabulary.name}' makes {sizes[wrong[0]]}: another tokenizer counted, or spans "
            "were written since; "
            f"drop the column with: kormo lake drop {column}, count again, record the mixture again"
        )
