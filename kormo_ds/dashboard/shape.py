"""Which chart a result of any question gets at first, and its columns as a chart takes them."""

from dataclasses import dataclass

import pyarrow as pa

from kormo_ds.dashboard.colours import KINDS as COLOURED
from kormo_ds.dashboard.colours import Colours
from kormo_ds.dashboard.look import Look
from kormo_ds.dashboard.panel import Chart

KINDS = ("table", "bar", "line", "point", "heatmap")
MOST = 5_000
"""Rows that are drawn; every one goes to the browser as text."""
FEW = 40
"""Names of a column that still may have a colour each."""


@dataclass(frozen=True)
class Shape:
    """A chart's kind and columns; '' where it has none."""

    kind: str
    x: str = ""
    y: str = ""
    color: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The channels that need numbers; of two, one is enough."""
        return {"bar": ("x", "y"), "heatmap": ("color",), "line": ("y",), "point": ("y",)}.get(
            self.kind, ()
        )


def drawable(table: pa.Table) -> list[str]:
    """The columns that an axis or a colour may stand for."""
    return [f.name for f in table.schema if not pa.types.is_nested(f.type)]


def first(table: pa.Table, kind: str | None = None) -> Shape:
    """The chart of a result before anyone chooses; of a `kind`, its columns.

    A time or rising numbers and a number are a line, a name and a number bars, other numbers
    points; what has no numbers, or one row, is a table.
    """
    names = drawable(table)
    times = [name for name in names if pa.types.is_temporal(table.schema.field(name).type)]
    numbers = [name for name in names if is_number(table.schema, name)]
    words = [name for name in names if name not in times and name not in numbers]
    few = [name for name in words if len(table[name].unique()) <= FEW]
    rising = [name for name in numbers[:1] if len(numbers) > 1 and _rises(table[name])]
    along = (times or rising or numbers[:-1] or words or names or [""])[0]
    of = next((name for name in numbers if name != along), along)
    if kind is None:
        if table.num_rows < 2 or not numbers or len(names) < 2:
            kind = "table"
        elif times or rising and not words:
            kind = "line"
        else:
            kind = "bar" if words else "point"
    if kind == "table":
        return Shape(kind)
    if kind == "bar":
        name = (words or times or [along])[0]
        of = next((one for one in numbers if one != name), name)
        split = next((one for one in few if one != name), name if name in COLOURED else "")
        return Shape(kind, of, name, split)
    if kind == "heatmap":
        axes = [*words, *times, *numbers[:-1]]
        x, y = (axes[1:2] or axes[:1] or names)[0], (axes or names)[0]
        return Shape(kind, x, y, (numbers or names)[-1])
    return Shape(kind, along, of, (few or [""])[0])


def chart(
    shape: Shape, table: pa.Table, colours: Colours, language: str
) -> tuple[Chart, pa.Table, Look]:
    """What `chart.charts` takes: names that are safe in Vega, and the real ones as titles.

    A result's columns may be called `count(*)` or `a.b`, which Vega would read as paths.
    """
    safe = {name: f"c{place}" for place, name in enumerate(table.column_names)}
    channels = tuple(
        (channel, safe[name])
        for channel, name in (("x", shape.x), ("y", shape.y), ("color", shape.color))
        if name
    )
    rows = table.slice(0, MOST).select(drawable(table))
    rows = pa.table({safe[name]: _plain(rows[name]) for name in rows.column_names})
    kinds = tuple((short, name) for name, short in safe.items())
    return Chart(shape.kind, channels), rows, Look(colours, language, kinds)


def lacks_number(shape: Shape, table: pa.Table) -> bool:
    """Whether no column stands where the chart needs a number."""
    channels = (getattr(shape, channel) for channel in shape.numbers)
    return bool(shape.numbers) and not any(
        name and is_number(table.schema, name) for name in channels
    )


def is_number(schema: pa.Schema, name: str) -> bool:
    """Whether a column holds numbers."""
    kind = schema.field(name).type
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _rises(column: pa.ChunkedArray) -> bool:
    values = [value for value in column.to_pylist() if value is not None]
    return len(values) > 2 and all(a < b for a, b in zip(values, values[1:], strict=False))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers, dates and text as they are, anything else as text."""
    kind = column.type
    as_is = (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
        or pa.types.is_string(kind)
    )
    if as_is:
        return column
    texts = [None if value is None else str(value) for value in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])
