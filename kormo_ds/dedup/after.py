"""`after=`: which documents take part, by the reasons of steps that ran before.

`after=length_reason,fineweb_reason@en` asks that `length_reason` is 'kept' and, of English
documents only, `fineweb_reason` too: some steps are made for one language.
"""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from lake import Lake

KEPT = "kept"
_LANG = "lang"


def deciding(lk: "Lake", method: str) -> str:
    """What `after=kept` stands for: the steps before `method` that decide in `kept_documents`.

    Those are of the view `steps_in_order`; a step that has not run is not among them.
    """
    rows = lk.sql(
        "select step, only_lang from steps_in_order where decides and position < "
        "(select position from steps_in_order where step = $method) order by position",
        method=method,
    ).fetchall()
    there = set(lk.schema().names)
    return ",".join(
        f"{step}_reason@{lang}" if lang else f"{step}_reason"
        for step, lang in rows
        if f"{step}_reason" in there
    )


def gates(after: str) -> tuple[str, ...]:
    """The parts of `after`, e.g. 'length_reason' and 'fineweb_reason@en'."""
    return tuple(part.strip() for part in after.split(",") if part.strip())


def reasons(gates: tuple[str, ...]) -> tuple[str, ...]:
    """The reason columns that gates name."""
    return tuple(dict.fromkeys(gate.split("@")[0] for gate in gates))


def columns(gates: tuple[str, ...]) -> tuple[str, ...]:
    """What must be read to ask them."""
    by_language = any("@" in gate for gate in gates)
    return (*reasons(gates), *([_LANG] if by_language else []))


def taking_part(batch: pa.RecordBatch, gates: tuple[str, ...]) -> pa.Array:
    """Whether a document passes all gates, bool [n]; where there are none, all take part."""
    part = pa.array([True]).take(pa.array([0] * batch.num_rows, pa.int32()))
    for gate in gates:
        name, _, lang = gate.partition("@")
        passed = pc.fill_null(pc.equal(batch.column(name), KEPT), False)
        if lang:
            elsewhere = pc.fill_null(pc.not_equal(batch.column(_LANG), lang), True)
            passed = pc.or_(passed, elsewhere)
        part = pc.and_(part, passed)
    return part
