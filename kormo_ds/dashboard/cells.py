"""Any Arrow table as one of text, number and truth columns that a data grid shows as it is.

Numbers stay numbers where JavaScript and the eye read them without loss: integers up to 2⁵³,
decimals of 15 digits, and floats where none is NaN or infinite. All else is text: times in ISO,
bytes as hex, lists and structs as JSON, each cut at `cell_chars`, and made from no more of the
value than that needs.
"""

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.dashboard.plain import cut, visible

EXACT = 2**53
"""Up to here JavaScript has every integer."""


def rows(table: pa.Table, cell_chars: int = 300) -> pa.Table:
    """A table that is safe in a data grid.

    Args:
        table: any Arrow table, names twice or empty among them.
        cell_chars: characters of a cell of text at most.

    Returns:
        as many rows and columns, of int64, double, bool and string, their names visible and each
        there once.
    """
    columns = [_column(column, cell_chars) for column in table.columns]
    return pa.table(columns, names=names(table.column_names))


def text(value: Any, n: int) -> str:
    """One value of Python as a cell of text."""
    if isinstance(value, str):
        return cut(visible(value[: n + 1]), n)
    return _cell(pa.scalar(value), n) or ""


def names(names: list[str]) -> list[str]:
    """Names of columns, visible, none empty and each there once."""
    found: list[str] = []
    seen: Counter[str] = Counter()
    for name in names:
        said = cut(visible(name), 80) or "(no name)"
        seen[said] += 1
        while (unique := said if seen[said] == 1 else f"{said} ({seen[said]})") in found:
            seen[said] += 1
        found.append(unique)
    return found


def _column(column: pa.ChunkedArray, n: int) -> pa.ChunkedArray | pa.Array:
    kind = column.type
    if isinstance(kind, pa.UuidType):
        return pa.array([str(value) for value in column], pa.string())
    if isinstance(kind, pa.BaseExtensionType):
        return _column(pa.chunked_array([c.storage for c in column.chunks], kind.storage_type), n)
    if pa.types.is_dictionary(kind):
        return _column(column.cast(kind.value_type), n)
    if pa.types.is_boolean(kind):
        return column
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        ends = pc.min_max(column).as_py()
        if max(abs(ends["min"] or 0), abs(ends["max"] or 0)) <= EXACT:
            return column.cast(pa.int64())
    if pa.types.is_floating(kind) or (pa.types.is_decimal(kind) and kind.precision <= 15):
        numbers = column.cast(pa.float64())
        if pc.all(pc.is_finite(numbers), min_count=0).as_py():
            return numbers
    return pa.array([_cell(value, n) for value in column], pa.string())


def _cell(value: pa.Scalar, n: int) -> str | None:
    if not value.is_valid:
        return None
    seen = _value(value, n)
    text = seen if isinstance(seen, str) else json.dumps(seen, ensure_ascii=False)
    return cut(visible(text[: n + 1]), n)


def _value(value: pa.Scalar, n: int) -> Any:
    """What JSON is made from; of a long one only as much as `n` characters may show."""
    if not value.is_valid:
        return None
    if isinstance(value, pa.ExtensionScalar):
        return _value(value.value, n)
    if isinstance(value, pa.StructScalar):
        return {str(name): _value(inner, n) for name, inner in list(value.items())[: n + 1]}
    if isinstance(value, pa.MapScalar):
        return [_value(inner, n) for inner in value.values.slice(0, n + 1)]
    if isinstance(value, (pa.ListScalar, pa.FixedSizeListScalar)):
        return [_value(inner, n) for inner in value.values.slice(0, n + 1)]
    if pa.types.is_boolean(value.type) or pa.types.is_integer(value.type):
        return value.as_py()
    if pa.types.is_floating(value.type):
        number = value.as_py()
        return number if number - number == 0 else str(number)
    return _text(value, n)


def _text(value: pa.Scalar, n: int) -> str:
    if isinstance(value, pa.BinaryScalar):  # Arrow's scalars of text are some of these
        data = value.as_buffer()
        start = data.slice(0, min(data.size, 4 * n + 4)).to_pybytes()
        is_text = isinstance(value, pa.StringScalar)
        return start.decode(errors="replace") if is_text else f"0x{start[:n].hex()}"
    try:
        return str(value.cast(pa.string()).as_py())
    except pa.ArrowException:
        return str(value)
