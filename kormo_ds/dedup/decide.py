"""What a document keeps, given what was seen before it: kernels over one batch, in row order.

`by_ngrams` follows DCLM's BFF (`mode` paragraph, document, old-both, exact): a paragraph is cut
where more than a share of its n-grams is in the filter, and its own are added only if it stays and
only after it was judged. `by_copies` (keep_one) cuts what has an identical copy in text that stays.
"""

from typing import Any

import numpy as np
from numba import njit

from kormo_ds.text.bloom import add, block_of, holds, prefetch

KEPT, DUPLICATE, NOTHING_LEFT, LEFT_OUT = range(4)
REASONS = ("kept", "duplicate_document", "nothing_left", "left_out")
_AHEAD = 16
_ONE, _ZERO = np.uint64(1), np.uint64(0)


@njit(cache=True, nogil=True)
def by_ngrams(  # type: ignore[no-untyped-def]
    asked, first, ends, units, counts, hashes, threshold, emptying, bits, n_blocks, rounds,
    spans, span_ends, total, contained, reasons,
):  # fmt: skip
    """Judge the documents of a batch and add what they keep to the Bloom filter `bits`.

    Args:
        asked: bool [n]; False for a document that takes no part.
        first: int32 [n + 1], where the paragraphs of each document begin.
        ends: int32, where each paragraph ends, in bytes.
        units: int32, units of each paragraph.
        counts: int64, n-grams of each paragraph.
        hashes: uint64, the hashes of all n-grams.
        threshold: a share of n-grams above this is too much.
        emptying: whether the share of the whole document counts, too (old-both).
        bits: the filter.
        n_blocks: its blocks.
        rounds: bits that it sets in each lane.
        spans: int32 [2 * paragraphs], out: start and end of what is cut.
        span_ends: int32 [n], out: where the spans of each document end.
        total: int64 [n], out: n-grams.
        contained: int64 [n], out: n-grams that were seen before.
        reasons: int8 [n], out.

    Returns:
        n-grams added that the filter did not hold.
    """
    n_spans = n_added = at = 0
    n_hashes = len(hashes)
    for document in range(len(asked)):
        begin, before = n_spans, 0
        n_contained: Any = 0
        n_total = left = 0
        for paragraph in range(first[document], first[document + 1]):
            n = counts[paragraph]
            seen: Any = 0
            if asked[document]:
                for i in range(at, at + n):
                    if i + _AHEAD < n_hashes:
                        prefetch(bits, block_of(hashes[i + _AHEAD], n_blocks))
                    seen += np.int64(holds(bits, block_of(hashes[i], n_blocks), rounds, hashes[i]))
            if n and seen / n > threshold:
                if n_spans > begin and spans[2 * n_spans - 1] == before:
                    spans[2 * n_spans - 1] = ends[paragraph]
                else:
                    spans[2 * n_spans] = before
                    spans[2 * n_spans + 1] = ends[paragraph]
                    n_spans += 1
            else:
                left += units[paragraph]
                if asked[document]:
                    for i in range(at, at + n):
                        n_added += add(bits, block_of(hashes[i], n_blocks), rounds, hashes[i])
            before = ends[paragraph]
            n_contained += seen
            n_total += n
            at += n
        reason = KEPT
        if not asked[document]:
            reason, n_total = LEFT_OUT, 0
        elif emptying and n_total and n_contained / n_total > threshold:
            n_spans, reason = begin + 1, DUPLICATE
            spans[2 * begin], spans[2 * begin + 1] = 0, before
        elif n_spans > begin and not left:
            reason = NOTHING_LEFT
        span_ends[document] = n_spans
        total[document], contained[document] = n_total, n_contained
        reasons[document] = reason
    return n_added


@njit(cache=True, nogil=True)
def by_copies(  # type: ignore[no-untyped-def]
    asked, first, ends, units, counts, identities, min_units, table,
    spans, span_ends, total, contained, reasons,
):  # fmt: skip
    """Judge the documents of a batch by the paragraphs that stay, whose identities are in `table`.

    A paragraph of at least `min_units` is cut if one with the same units stays before it. A
    document of which every paragraph, short ones too, stays in another is emptied. So every
    paragraph that was there is still there. Arguments as for `by_ngrams`; `table` is an
    open-addressing set with room for all paragraphs of the batch.

    Returns:
        identities added.
    """
    n_spans = n_added = 0
    for document in range(len(asked)):
        begin, before = n_spans, 0
        n_contained = n_total = 0
        left = 0
        reason = KEPT
        if not asked[document]:
            reason = LEFT_OUT
        else:
            anything, everything = False, True
            for paragraph in range(first[document], first[document + 1]):
                if units[paragraph]:
                    anything = True
                    everything &= found(table, identities[paragraph])
                n_total += counts[paragraph]
            if anything and everything:
                reason, n_contained = DUPLICATE, n_total
                spans[2 * n_spans] = 0
                spans[2 * n_spans + 1] = ends[first[document + 1] - 1]
                n_spans += 1
            else:
                for paragraph in range(first[document], first[document + 1]):
                    identity = identities[paragraph]
                    if units[paragraph] >= min_units and found(table, identity):
                        n_contained += counts[paragraph]
                        if n_spans > begin and spans[2 * n_spans - 1] == before:
                            spans[2 * n_spans - 1] = ends[paragraph]
                        else:
                            spans[2 * n_spans] = before
                            spans[2 * n_spans + 1] = ends[paragraph]
                            n_spans += 1
                    elif units[paragraph]:
                        left += units[paragraph]
                        n_added += put(table, identity)
                    before = ends[paragraph]
                if n_spans > begin and not left:
                    reason = NOTHING_LEFT
        span_ends[document] = n_spans
        total[document], contained[document] = n_total, n_contained
        reasons[document] = reason
    return n_added


@njit(cache=True, nogil=True)
def found(table, identity):  # type: ignore[no-untyped-def]
    """Whether the set holds `identity`, which is not 0."""
    mask = np.uint64(len(table) - 1)
    at = identity & mask
    while table[at] != _ZERO:
        if table[at] == identity:
            return True
        at = (at + _ONE) & mask
    return False


@njit(cache=True, nogil=True)
def put(table, identity):  # type: ignore[no-untyped-def]
    """Add `identity` to the set; 1 if it was not there."""
    mask = np.uint64(len(table) - 1)
    at = identity & mask
    while table[at] != _ZERO:
        if table[at] == identity:
            return 0
        at = (at + _ONE) & mask
    table[at] = identity
    return 1


@njit(cache=True, nogil=True)
def moved(old, new):  # type: ignore[no-untyped-def]
    """Put all of one set into another."""
    for identity in old:
        if identity != _ZERO:
            put(new, identity)
