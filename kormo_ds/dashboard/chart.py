"""From an answer to a chart: the channels of a header onto Vega-Lite, with the lake's colours.

Values are given to Vega inline and every channel has its type, so nothing is guessed and nothing
is fetched. Of a chart with `row=COLUMN` there is one for each value.
"""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kormo_ds.dashboard import plain
from kormo_ds.dashboard.bars import bars
from kormo_ds.dashboard.colours import SPIKE
from kormo_ds.dashboard.look import STEP, Look, by_least, colour, is_number, tooltip
from kormo_ds.dashboard.panel import Chart

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 340
"""Of a line or point chart with its axes and legend, in pixels."""
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


def charts(chart: Chart, table: pa.Table, look: Look) -> Iterator[tuple[str, "alt.Chart"]]:
    """The charts of an answer, each with its heading ('' but for charts by `row`).

    Raises:
        KeyError: a channel names a column that the answer does not have.
    """
    rows = _rows(table, look)
    for _, column in _channels(chart):
        if column not in table.column_names:
            raise KeyError(column)
    split = chart.get("row")
    if split is None:
        yield "", _drawn(chart, rows, table.schema, look)
        return
    for value in sorted({str(row[split]) for row in rows}):
        part = [row for row in rows if str(row[split]) == value]
        yield value, _drawn(chart, part, table.schema, look)


def _channels(chart: Chart) -> list[tuple[str, str]]:
    """The channels that name a column."""
    return [(name, said) for name, said in chart.channels if name not in ("stack", "scale")]


def _rows(table: pa.Table, look: Look) -> list[dict[str, Any]]:
    """The rows as Vega takes them: numbers, text that cannot be read as anything else, NULL."""
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        for name, value in row.items():
            field = table.schema.field(name)
            if isinstance(value, str) or value is None and _is_text(field.type):
                row[name] = look.nameless if value is None else plain.visible(value)
            elif isinstance(value, Decimal):
                row[name] = float(value)
            elif isinstance(value, float) and not math.isfinite(value):
                row[name] = None
            elif pa.types.is_temporal(field.type) and value is not None:
                row[name] = value.isoformat()
    return rows


def _drawn(chart: Chart, rows: list[dict[str, Any]], schema: pa.Schema, look: Look) -> "alt.Chart":
    drawing = {"bar": bars, "line": _line, "point": _point, "heatmap": _heatmap}[chart.kind]
    return drawing(chart, rows, schema, look)


def _line(chart: Chart, rows: list[dict[str, Any]], schema: pa.Schema, look: Look) -> "alt.Chart":
    import altair as alt

    base = alt.Chart(alt.Data(values=rows)).encode(
        x=_axis(alt.X, chart.get("x") or "", schema, look),
        y=_axis(alt.Y, chart.get("y") or "", schema, look, chart.get("scale")),
        **colour(chart, rows, look),
        tooltip=tooltip(schema, look),
    )
    dash = chart.get("dash") or (chart.get("color") if _many(chart, rows) else None)
    line = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=18) if few(rows) else False)
    if dash:
        named = sorted({str(row[dash]) for row in rows})
        ranged = [
            DASHES[(i // 10 if dash == chart.get("color") else i) % 4] for i in range(len(named))
        ]
        scale = alt.Scale(domain=named, range=ranged)
        line = line.encode(strokeDash=alt.StrokeDash(f"{dash}:N", scale=scale, legend=None))
    mark = chart.get("mark")
    if mark is None:
        return line.properties(height=HEIGHT)
    return alt.layer(line, _marks(base, mark, rows, schema, look)).properties(height=HEIGHT)


def _marks(base: Any, mark: str, rows: list[dict[str, Any]], schema: pa.Schema, look: Look) -> Any:
    """Points where the column `mark` holds a value; a click chooses the row."""
    import altair as alt

    marked = [row for row in rows if row[mark] is not None]
    fields = [name for name in ("run", "step") if name in schema.names]
    chosen = alt.selection_point(name="chosen", fields=fields, on="click")
    points = base.mark_point(shape="diamond", size=90, filled=True, color=SPIKE, opacity=1)
    points.data = alt.Data(values=marked)
    return points.encode(
        y=alt.Y(f"{mark}:Q"), color=alt.value(SPIKE), tooltip=tooltip(schema, look)
    ).add_params(chosen)


def _point(chart: Chart, rows: list[dict[str, Any]], schema: pa.Schema, look: Look) -> "alt.Chart":
    import altair as alt

    size = chart.get("size")
    more = {"size": alt.Size(f"{size}:Q", legend=None)} if size else {}
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=60, opacity=0.8)
        .encode(
            x=_axis(alt.X, chart.get("x") or "", schema, look),
            y=_axis(alt.Y, chart.get("y") or "", schema, look, chart.get("scale")),
            **colour(chart, rows, look),
            **more,
            tooltip=tooltip(schema, look),
        )
        .properties(height=HEIGHT)
    )


def _heatmap(
    chart: Chart, rows: list[dict[str, Any]], schema: pa.Schema, look: Look
) -> "alt.Chart":
    import altair as alt

    x, y, color = (chart.get(channel) or "" for channel in ("x", "y", "color"))
    cells = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            f"{x}:O",
            title=look.title(x),
            sort=by_least(rows, x, chart.get("sort") or "") if chart.get("sort") else "ascending",
            axis=alt.Axis(labelLimit=120),
        ),
        y=alt.Y(f"{y}:O", title=None, axis=alt.Axis(labelLimit=170)),
        tooltip=tooltip(schema, look),
    )
    title = look.title(color)
    scale = alt.Scale(scheme="cividis")
    filled = cells.mark_rect().encode(color=alt.Color(f"{color}:Q", title=title, scale=scale))
    return filled.properties(height=alt.Step(STEP))


def _axis(
    channel: Any, column: str, schema: pa.Schema, look: Look, scale: str | None = None
) -> Any:
    import altair as alt

    kind = schema.field(column).type
    type_ = "T" if pa.types.is_temporal(kind) else "Q" if is_number(schema, column) else "O"
    more: dict[str, Any] = {}
    if type_ == "Q":
        more["scale"] = alt.Scale(type=scale or "linear", zero=False, nice=True)
        more["axis"] = alt.Axis(format="~s" if pa.types.is_integer(kind) else "~g", tickCount=6)
    return channel(f"{column}:{type_}", title=look.title(column), **more)


def few(rows: list[dict[str, Any]]) -> bool:
    """Whether a line has so few points that they are drawn as such."""
    return len(rows) <= 60


def _many(chart: Chart, rows: list[dict[str, Any]]) -> bool:
    """Whether there are more lines than colours."""
    column = chart.get("color")
    return column is not None and len({row[column] for row in rows}) > 10


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
    )
