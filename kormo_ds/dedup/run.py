"""Run a method: sketches, clusters, keepers, verdicts.

1. Sketches are filled where they are missing: the one time that texts are read.
2. Documents whose sketches agree are joined to clusters, in memory, without the texts.
3. Of each cluster one document is kept; what earlier runs said stays.
4. Verdicts are filled where they are missing.

A run that was killed goes on: sketches that were committed are not made again, and verdicts that
were committed are part of what the others follow from, which gives the same columns.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kormo_ds.dedup import clusters, keepers, memory, verify
from kormo_ds.dedup.keepers import Members, Verdicts
from kormo_ds.dedup.method import Method, Sketcher, other_reasons
from kormo_ds.dedup.minhash import MinHash
from kormo_ds.dedup.verdict import NOTHING, Verdict
from kormo_ds.errors import BadInput
from kormo_ds.progress import Advance, silent
from lake.fill import new_columns
from lake.provenance import owner

if TYPE_CHECKING:
    import lance

    from lake import Lake
    from lake.fill import Filled

DOCUMENTS = "documents"
BYTES_A_MEMBER = 300
"""Peak of memory for a document that has a duplicate: doc_ids, keepers, ranks; twice as much where
n-grams are compared, for the bands."""


def quiet(text: str) -> None:
    """Tell nobody."""


def run(
    lk: "Lake",
    method: Method,
    progress: Advance = silent,
    say: Callable[[str], None] = quiet,
    threads: int = 0,
) -> "Filled":
    """Judge all documents that have no verdict yet.

    Args:
        lk: the lake.
        method: with its settings.
        progress: told of documents done, sketches and verdicts each.
        say: told in a line what is about to be needed.
        threads: that make sketches; 0 for as many as there are cores.

    Returns:
        How many documents were judged and had been before, and the counts of the reason.

    Raises:
        BadInput: a column that is missing, or not computed for all documents.
        LakeError: no documents, columns of other settings, another writer.
    """
    with lk.lock(f"dedup {method.name}"):
        schema = lk.dataset(DOCUMENTS).schema
        method = method.at(schema)
        sketcher, verdict = Sketcher(method), Verdict(method)
        new_columns(schema, [sketcher, verdict])
        dataset = lk.dataset(DOCUMENTS)
        _check_complete(dataset, [*sketcher.reads, *_worth_columns(method)])
        n = dataset.count_rows()
        others = other_reasons(schema, method)
        if others:
            say(
                f"note: a document that {', '.join(others)} is against may be kept for its "
                f"copies; if it shall not: after={','.join([*method.gates, *others])}"
            )
        say(
            f"{method.name}: {n:,} documents need {n * clusters.BYTES_A_DOCUMENT / 1e6:,.1f} MB, "
            f"and each that has a duplicate {BYTES_A_MEMBER * (1 + _compares(method))} bytes more; "
            f"{memory.available() / 1e9:,.1f} GB are free"
        )
        progress = _summed(progress)
        lk.fill(DOCUMENTS, [sketcher], progress, threads=threads)
        dataset = lk.dataset(DOCUMENTS)
        found = find(dataset, method, say) if _todo(dataset, method) else NOTHING
        return lk.fill(DOCUMENTS, [Verdict(method, found)], progress, threads=threads)


def find(
    dataset: "lance.LanceDataset", method: Method, say: Callable[[str], None] = quiet
) -> Verdicts:
    """Verdicts on those documents that have a duplicate and no verdict yet.

    Args:
        dataset: documents with the method's sketches.
        method: settings, with the text's column looked up.
        say: told in a line what was left undone.
    """
    rows = clusters.compared(dataset, method.sketch)
    roots = clusters.components(dataset, method.sketch, method.bands, rows)
    sizes = np.bincount(roots, minlength=len(rows))
    several = np.flatnonzero(sizes[roots] > 1)
    rows, cluster = rows[several], roots[several]
    if not len(rows):
        return NOTHING
    members = _members(dataset, method, rows, cluster)
    if isinstance(method, MinHash) and _compares(method):
        bands = clusters.read_bands(dataset, method.sketch, method.bands, rows)
        alike = partial(verify.alike, dataset, method.text, rows, method.ngram, method.min_jaccard)
        found, left = verify.joined(bands, keepers.ranks(members), alike)
        members = members.regrouped(found)
        if left:
            say(f"{left:,} documents agree with many in a band and were compared with some only")
    return keepers.choose(members)


def _members(
    dataset: "lance.LanceDataset", method: Method, rows: np.ndarray, cluster: np.ndarray
) -> Members:
    """What is known of the documents in `rows`, read in one pass."""
    reason, dup_of = f"{method.name}_reason", f"{method.name}_dup_of"
    columns = {
        "doc_id": "doc_id",
        "worth": (_worth_columns(method) or [f"{method.sketch}.n_bytes"])[0],
        **{name: name for name in (reason, dup_of) if name in dataset.schema.names},
    }
    parts, at = [], 0
    for batch in dataset.scanner(columns=columns, scan_in_order=True).to_batches():
        first, last = np.searchsorted(rows, (at, at + batch.num_rows))
        parts.append(batch.take(pa.array(rows[first:last] - at)))
        at += batch.num_rows
    table = pa.Table.from_batches(parts).combine_chunks()
    nothing = pa.nulls(len(rows), pa.string())

    def whole(name: str) -> pa.Array:
        return table.column(name).combine_chunks() if name in columns else nothing

    return Members(
        doc_id=whole("doc_id"),
        cluster=cluster,
        worth=keepers.worth(method.keep, whole("worth")),
        reason=whole(reason),
        dup_of=whole(dup_of),
    )


def _compares(method: Method) -> bool:
    """Whether candidates' n-grams are compared themselves."""
    return isinstance(method, MinHash) and method.min_jaccard > 0


def _worth_columns(method: Method) -> list[str]:
    by = keepers.column_of(method.keep)
    return [by[0]] if by else []


def _summed(progress: Advance) -> Advance:
    """`progress` for several works one after the other: their totals add up."""
    done = 0

    def advance(n: int = 1, *, total: int | None = None) -> None:
        nonlocal done
        progress(n, total=None if total is None else done + total)
        done += n

    return advance


def _todo(dataset: "lance.LanceDataset", method: Method) -> bool:
    reason = f"{method.name}_reason"
    return reason not in dataset.schema.names or dataset.count_rows(f"{reason} is null") > 0


def _check_complete(dataset: "lance.LanceDataset", columns: list[str]) -> None:
    for name in columns:
        by = owner(dataset.schema.field(name))
        missing = dataset.count_rows(f"`{name}` is null") if by else 0
        if by and missing:
            raise BadInput(
                f"column '{name}' is not computed yet for {missing:,} of {dataset.count_rows():,} "
                f"documents; run: kormo step run {by.step}"
            )
