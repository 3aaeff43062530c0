"""Bars: the longest first, numbers and steps in their own order, pieces that are alike added up."""

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kormo_ds.dashboard.colours import SPIKE
from kormo_ds.dashboard.look import STEP, Look, by_least, colour, is_number, is_ordered, tooltip
from kormo_ds.dashboard.panel import Chart

if TYPE_CHECKING:
    import altair as alt

MOST_BARS = 60
"""Bars that are drawn; the smallest of more are left to the table."""


def bars(chart: Chart, rows: list[dict[str, Any]], schema: pa.Schema, look: Look) -> "alt.Chart":
    """The chart of a header that says `bar`."""
    import altair as alt

    x, y = chart.get("x") or "", chart.get("y") or ""
    across = is_number(schema, x)
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
    base = alt.Chart(alt.Data(values=rows)).encode(**encoded, tooltip=tooltip(tips, look))
    drawn = base.mark_bar().encode(**colour(chart, rows, look))
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
    if is_ordered(schema, name):
        return sorted(totals, key=lambda value: (value is None, value))
    if chart.get("sort"):
        return by_least(rows, name, chart.get("sort") or "")
    return sorted(totals, key=lambda value: -totals[value])
