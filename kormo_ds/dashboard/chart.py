"""From an answer to a chart: the channels of a header onto Vega-Lite, with the lake's colours.

Values are given to Vega inline and every channel has its type, so nothing is guessed and nothing
is fetched. Of a chart with `row=COLUMN` there is one for each value.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kormo_ds.dashboard import labels, plain
from kormo_ds.dashboard.colours import KINDS, SPIKE, Colours
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.panel import Chart

if TYPE_CHECKING:
    import altair as alt

STEP = 26
"""Height of a bar with its gap, in pixels."""
MOST_BARS = 60
"""Bars that are drawn; the smallest of more are left to the table."""
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


@dataclass(frozen=True)
class Look:
    """What a chart is drawn with besides its answer."""

    colours: Colours
    language: str = "en"
    kinds: tuple[tuple[str, str], ...] = ()
    """What a column holds where its name does not say it, e.g. ('value', 'lang')."""
    titles: tuple[tuple[str, str], ...] = ()
    """What a column is called where its name does not say it."""

    @classmethod
    def of(cls, ctx: Context, given: Mapping[str, Any]) -> "Look":
        """The look of a panel that was asked with these values."""
        facet, measure = given.get("facet"), given.get("measure")
        kinds = (("value", str(facet)),) if facet is not None else ()
        titles = (("amount", f"n_{measure}"),) if measure is not None else ()
        return cls(ctx.colours(), ctx.language, kinds, titles)

    def title(self, column: str) -> str:
        """What a column is called."""
        named = dict(self.titles).get(column, dict(self.kinds).get(column, column))
        return labels.column(named, self.language)

    @property
    def nameless(self) -> str:
        """What stands for NULL."""
        return labels.say("nobody", self.language)

    def kind(self, column: str) -> str | None:
        """Which names a column holds, None where its colours are its own."""
        kind = dict(self.kinds).get(column, column)
        return kind if kind in KINDS else None


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
    drawing = {"bar": _bar, "line": _line, "point": _point, "heatmap": _heatmap}[chart.kind]
    return drawing(chart, rows, schema, look)


def _bar(chart: Chart, rows: list[dict[str, Any]], schema: pa.Schema, look: Look) -> "alt.Chart":
    import altair as alt

    x, y = chart.get("x") or "", chart.get("y") or ""
    across = _is_number(schema, x)
    name, number = (y, x) if across else (x, y)
    shown = _order(chart, rows, schema, name, number)[:MOST_BARS]
    rows = [row for row in rows if row[name] in set(shown)]
    rows, tips = _summed(rows, name, number, chart, schema)
    named: Any = (alt.Y if across else alt.X)(
        f"{name}:N",
        title=None if across else look.title(name),
        sort=shown,
        axis=alt.Axis(labelLimit=170, labelOverlap=not across),
    )
    counted: Any = (alt.X if across else alt.Y)(
        f"{number}:Q",
        title=look.title(number),
        stack="zero" if chart.get("stack") != "none" else False,
        axis=alt.Axis(format="~s", tickCount=5, labelOverlap=True),
        scale=alt.Scale(domain=[0, 100]) if number.endswith("percent") else alt.Undefined,
    )
    encoded = {"y": named, "x": counted} if across else {"x": named, "y": counted}
    base = alt.Chart(alt.Data(values=rows)).encode(**encoded, tooltip=_tooltip(tips, look))
    drawn = base.mark_bar().encode(**_colour(chart, rows, look))
    if rule := chart.get("rule"):
        tick = base.mark_tick(thickness=3, color=SPIKE, size=STEP - 4)
        drawn = alt.layer(drawn, tick.encode(**{"x" if across else "y": f"{rule}:Q"}))
    return drawn.properties(height=alt.Step(STEP) if across else 260)


def _summed(
    rows: list[dict[str, Any]], name: str, number: str, chart: Chart, schema: pa.Schema
) -> tuple[list[dict[str, Any]], pa.Schema]:
    """One row a piece of a bar, and the columns that such a row has."""
    color = chart.get("color") or name
    keys = [(row[name], row[color]) for row in rows]
    if len(set(keys)) == len(keys):
        return rows, schema
    sums: dict[Any, float] = {}
    for key, row in zip(keys, rows, strict=True):
        sums[key] = sums.get(key, 0) + (row[number] or 0)
    summed = [{name: a, color: b, number: total} for (a, b), total in sums.items()]
    return summed, pa.schema([schema.field(one) for one in dict.fromkeys((name, color, number))])


def _order(
    chart: Chart, rows: list[dict[str, Any]], schema: pa.Schema, name: str, number: str
) -> list[Any]:
    """The names of bars: numbers by themselves, others by `sort`, or the longest bar first."""
    totals: dict[Any, float] = {}
    for row in rows:
        totals[row[name]] = totals.get(row[name], 0) + (row[number] or 0)
    if _is_ordered(schema, name):
        return sorted(totals, key=lambda value: (value is None, value))
    if chart.get("sort"):
        return _sorted(rows, name, chart.get("sort") or "")
    return sorted(totals, key=lambda value: -totals[value])


def _sorted(rows: list[dict[str, Any]], name: str, by: str) -> list[Any]:
    """Values of a column by the least of another."""
    least: dict[Any, Any] = {}
    for row in rows:
        least[row[name]] = min(least.get(row[name], row[by]), row[by])
    return sorted(least, key=lambda value: least[value])


def _line(chart: Chart, rows: list[dict[str, Any]], schema: pa.Schema, look: Look) -> "alt.Chart":
    import altair as alt

    base = alt.Chart(alt.Data(values=rows)).encode(
        x=_axis(alt.X, chart.get("x") or "", schema, look),
        y=_axis(alt.Y, chart.get("y") or "", schema, look, chart.get("scale")),
        **_colour(chart, rows, look),
        tooltip=_tooltip(schema, look),
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
        return line.properties(height=280)
    return alt.layer(line, _marks(base, mark, rows, schema, look)).properties(height=280)


def _marks(base: Any, mark: str, rows: list[dict[str, Any]], schema: pa.Schema, look: Look) -> Any:
    """Points where the column `mark` holds a value; a click chooses the row."""
    import altair as alt

    marked = [row for row in rows if row[mark] is not None]
    fields = [name for name in ("run", "step") if name in schema.names]
    chosen = alt.selection_point(name="chosen", fields=fields, on="click")
    points = base.mark_point(shape="diamond", size=90, filled=True, color=SPIKE, opacity=1)
    points.data = alt.Data(values=marked)
    return points.encode(
        y=alt.Y(f"{mark}:Q"), color=alt.value(SPIKE), tooltip=_tooltip(schema, look)
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
            **_colour(chart, rows, look),
            **more,
            tooltip=_tooltip(schema, look),
        )
        .properties(height=280)
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
            sort=_sorted(rows, x, chart.get("sort") or "") if chart.get("sort") else "ascending",
            axis=alt.Axis(labelLimit=120),
        ),
        y=alt.Y(f"{y}:O", title=None, axis=alt.Axis(labelLimit=170)),
        tooltip=_tooltip(schema, look),
    )
    title = look.title(color)
    scale = alt.Scale(scheme="cividis")
    filled = cells.mark_rect().encode(color=alt.Color(f"{color}:Q", title=title, scale=scale))
    return filled.properties(height=alt.Step(STEP))


def _colour(chart: Chart, rows: list[dict[str, Any]], look: Look) -> dict[str, Any]:
    import altair as alt

    column = chart.get("color")
    if column is None:
        return {"color": alt.value("#0072B2")}
    kind = look.kind(column) or column
    colours = look.colours.of(kind, [str(row[column]) for row in rows], look.nameless)
    axes = (chart.get("x"), chart.get("y"))
    legend = None if column in axes else alt.Legend(orient="top", columns=4, labelLimit=140)
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return {"color": alt.Color(f"{column}:N", title=None, scale=scale, legend=legend)}


def _axis(
    channel: Any, column: str, schema: pa.Schema, look: Look, scale: str | None = None
) -> Any:
    import altair as alt

    kind = schema.field(column).type
    type_ = "T" if pa.types.is_temporal(kind) else "Q" if _is_number(schema, column) else "O"
    more: dict[str, Any] = {}
    if type_ == "Q":
        more["scale"] = alt.Scale(type=scale or "linear", zero=False, nice=True)
        more["axis"] = alt.Axis(format="~s" if scale is None else "~g", tickCount=6)
    return channel(f"{column}:{type_}", title=look.title(column), **more)


def _tooltip(schema: pa.Schema, look: Look) -> list[Any]:
    import altair as alt

    found = []
    for field in schema:
        kind = "T" if pa.types.is_temporal(field.type) else "N"
        more: dict[str, Any] = {}
        if _is_number(schema, field.name):
            kind = "Q"
            whole = pa.types.is_integer(field.type)
            more["format"] = "," if whole else ",.4~g"
        title = plain.column(look.title(field.name))
        found.append(alt.Tooltip(f"{field.name}:{kind}", title=title, **more))
    return found


def few(rows: list[dict[str, Any]]) -> bool:
    """Whether a line has so few points that they are drawn as such."""
    return len(rows) <= 60


def _many(chart: Chart, rows: list[dict[str, Any]]) -> bool:
    """Whether there are more lines than colours."""
    column = chart.get("color")
    return column is not None and len({row[column] for row in rows}) > 10


def _is_number(schema: pa.Schema, column: str) -> bool:
    kind = schema.field(column).type
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _is_ordered(schema: pa.Schema, column: str) -> bool:
    return _is_number(schema, column) or pa.types.is_temporal(schema.field(column).type)


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
    )
