"""What charts are drawn with besides their answer: the lake's colours, titles, order, tooltips."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from kormo_ds.dashboard import labels, plain
from kormo_ds.dashboard.colours import KINDS, PALETTE, Colours
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.panel import Chart

STEP = 26
"""Height of a bar with its gap, in pixels."""


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


def colour(chart: Chart, rows: list[dict[str, Any]], look: Look) -> dict[str, Any]:
    """The channel of colour: the lake's for its names."""
    import altair as alt

    column = chart.get("color")
    if column is None:
        return {"color": alt.value(PALETTE[0])}
    kind = look.kind(column) or column
    colours = look.colours.of(kind, [str(row[column]) for row in rows], look.nameless)
    axes = (chart.get("x"), chart.get("y"))
    legend = None if column in axes else alt.Legend(orient="top", columns=2, labelLimit=130)
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return {"color": alt.Color(f"{column}:N", title=None, scale=scale, legend=legend)}


def tooltip(schema: pa.Schema, look: Look) -> list[Any]:
    """Every column, called by its title."""
    import altair as alt

    found = []
    for field in schema:
        kind = "T" if pa.types.is_temporal(field.type) else "N"
        more: dict[str, Any] = {}
        if is_number(schema, field.name):
            kind = "Q"
            whole = pa.types.is_integer(field.type)
            more["format"] = "," if whole else ",.4~g"
        title = plain.column(look.title(field.name))
        found.append(alt.Tooltip(f"{field.name}:{kind}", title=title, **more))
    return found


def by_least(rows: list[dict[str, Any]], name: str, by: str) -> list[Any]:
    """Values of a column by the least of another."""
    least: dict[Any, Any] = {}
    for row in rows:
        least[row[name]] = min(least.get(row[name], row[by]), row[by])
    return sorted(least, key=lambda value: least[value])


def is_number(schema: pa.Schema, column: str) -> bool:
    """Whether a column holds numbers."""
    kind = schema.field(column).type
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def is_ordered(schema: pa.Schema, column: str) -> bool:
    """Whether a column's values have an order of their own: numbers and times."""
    return is_number(schema, column) or pa.types.is_temporal(schema.field(column).type)
