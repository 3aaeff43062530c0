"""Which document of a cluster is kept: by a rule that knows neither row order nor threads.

Among documents that are all new, the best by the rule `keep` is, and of equal ones that with the
least doc_id. A document that was kept in an earlier run stays kept, and so does one that an earlier
verdict names: a new document is a duplicate of the best of those, even where it is better itself.
"""

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadConfig, BadInput

LONGEST, FIRST = "longest", "first_doc_id"
_BY_COLUMN = re.compile(r"(?P<column>\w+) (?P<order>desc|asc)")
_OLD_KEEPER, _NAMED, _NEW, _OLD_DUPLICATE = range(4)


@dataclass(frozen=True)
class Members:
    """Documents that have a duplicate, in any order, and what the choice among them needs."""

    doc_id: pa.Array
    """string [n]."""
    cluster: np.ndarray
    """int64 [n]: which cluster each belongs to; any number that is the same for all of one."""
    worth: pa.Array
    """[n]: the higher, the rather kept."""
    reason: pa.Array
    """string [n]: an earlier verdict, NULL where there is none."""
    dup_of: pa.Array
    """string [n]: the keeper it names."""

    def regrouped(self, cluster: np.ndarray) -> "Members":
        """The same documents in other clusters."""
        return replace(self, cluster=cluster)


@dataclass(frozen=True)
class Verdicts:
    """What is found of the members that no earlier run has judged, by doc_id ascending."""

    doc_id: np.ndarray
    """bytes [m], sorted."""
    dup_of: pa.Array
    """string [m]: the keeper, '' for one that is kept itself."""
    size: np.ndarray
    """int64 [m]: documents in its cluster."""


def check_keep(keep: str) -> None:
    """Refuse a rule that cannot be understood.

    Raises:
        BadConfig: with the rules that there are.
    """
    if keep not in (LONGEST, FIRST) and not _BY_COLUMN.fullmatch(keep):
        raise BadConfig(
            f"keep={keep} is no rule; write keep={LONGEST}, keep={FIRST}, or a column and its "
            "better end, such as 'keep=quality_score desc'"
        )


def column_of(keep: str) -> tuple[str, bool] | None:
    """The column that a rule asks for, and whether more is better; None for the two named rules."""
    found = _BY_COLUMN.fullmatch(keep)
    return (found["column"], found["order"] == "desc") if found else None


def worth(keep: str, values: pa.Array) -> pa.Array:
    """`values`, the column that the rule goes by, such that the higher is the rather kept.

    Raises:
        BadInput: values that are no numbers, or missing for some documents.
    """
    if keep == FIRST:
        return pa.array(np.zeros(len(values), np.int8))
    by = column_of(keep)
    if by is None:
        return values
    name, more = by
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        raise BadInput(f"keep={keep}: column '{name}' is {values.type}; choose one of numbers")
    unknown = pc.is_null(values, nan_is_null=True)
    if pc.any(unknown).as_py():
        raise BadInput(
            f"keep={keep}: {pc.sum(unknown).as_py():,} documents with duplicates have no "
            f"'{name}'; compute it for all, or choose another column"
        )
    wide = values.cast(pa.float64() if pa.types.is_floating(values.type) else pa.int64())
    return wide if more else pc.negate(wide)


def ranks(members: Members) -> np.ndarray:
    """int64 [n]: 0 for the document that is kept the rather; no two are equal."""
    best_first = pc.sort_indices(
        pa.table({"worth": members.worth, "doc_id": members.doc_id}),
        sort_keys=[("worth", "descending"), ("doc_id", "ascending")],
    ).to_numpy()
    rank = np.empty(len(best_first), np.int64)
    rank[best_first] = np.arange(len(best_first))
    return rank


def choose(members: Members) -> Verdicts:
    """The verdict on each member that has none yet."""
    doc_id, standing = members.doc_id, _standing(members)
    order = np.lexsort((ranks(members), standing, members.cluster))
    cluster = members.cluster[order]
    first = np.flatnonzero(np.diff(cluster, prepend=cluster[:1] - 1))
    sizes = np.diff(np.append(first, len(order)))
    keeper, size = np.empty_like(order), np.empty_like(order)
    keeper[order] = np.repeat(order[first], sizes)
    size[order] = np.repeat(sizes, sizes)

    new = np.flatnonzero((standing == _NEW) | (standing == _NAMED))
    kept = (keeper[new] == new) | (standing[new] == _NAMED)
    ids = doc_id.take(pa.array(new))
    encoded = np.array([text.encode() for text in ids.to_pylist()], np.bytes_)
    by_id = np.argsort(encoded)
    names = pc.if_else(pa.array(kept), "", doc_id.take(pa.array(keeper[new])))
    return Verdicts(encoded[by_id], names.take(pa.array(by_id)), size[new][by_id])


def _standing(members: Members) -> np.ndarray:
    """What earlier verdicts say of each: the lower, the more it has a right to stay."""
    judged = members.reason.is_valid().to_numpy(zero_copy_only=False)
    points = pc.fill_null(pc.not_equal(members.dup_of, ""), False)
    names = pc.unique(members.dup_of.filter(points))
    named = pc.is_in(members.doc_id, value_set=names).to_numpy(zero_copy_only=False)
    old = np.where(points.to_numpy(zero_copy_only=False), _OLD_DUPLICATE, _OLD_KEEPER)
    return np.where(judged, old, np.where(named, _NAMED, _NEW))
