"""A console: any select in an editor that completes names, its rows, a chart, and a file of them.

The answer stays in the session, so choosing another chart asks nothing again; a file is asked for
anew, of all rows. All of it is one fragment.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

import lake
from kormo_ds import queries
from kormo_ds.dashboard import (
    cells,
    chart,
    completion,
    draw,
    editor,
    export,
    parameters,
    plain,
    shape,
)
from kormo_ds.dashboard.ask import CONSOLE, EXPORT, Answer
from kormo_ds.dashboard.context import Context

FIRST = """select lang, source, count(*) as documents
from documents
group by all
order by documents desc
"""
"""What stands in the editor of a new session."""
LONG, WIDE = 20_000, 2**21
"""Characters of a cell that are shown, in results below so many bytes; `draw.CELL` in others."""


KEPT = 8 * 2**20
"""Bytes of an answer that a session keeps; a larger one is asked for again, mostly of the cache."""


@dataclass(frozen=True)
class Asked:
    """A question with what came of it."""

    text: str
    values: dict[str, Any]
    outcome: Answer | lake.LakeError
    """Of a large answer: one without rows, for its time."""

    def answer(self, ctx: Context) -> Answer:
        """The answer, or its error raised."""
        if isinstance(self.outcome, lake.LakeError):
            raise self.outcome
        if self.outcome.is_cut and self.outcome.table.num_rows == 0:
            again = ctx.asker.ask(self.text, self.values, CONSOLE)
            return replace(again, seconds=self.outcome.seconds)
        return self.outcome


@st.fragment
def show(ctx: Context) -> None:
    """Draw the page."""
    state = st.session_state
    state.setdefault("sql.text", FIRST)
    state.setdefault("sql.serial", 0)
    _picker(ctx)
    known = _words(completion.stamp(ctx.lk), ctx)
    said = editor.edit(ctx, state["sql.text"], state["sql.serial"], known, _load)
    text = state["sql.text"] = said.text
    given = _fields(ctx, text)
    if said.run is not None:
        with st.spinner(ctx.say("asking")):
            state["sql.asked"] = _ask(ctx, text, given)
    if "sql.asked" in state:
        _result(ctx, state["sql.asked"])


@st.cache_data(max_entries=2, show_spinner=False)
def _words(stamp: Hashable, _ctx: Context) -> completion.Words:
    """What the editor completes, kept until the lake has something new."""
    return completion.words(_ctx.lk, _ctx.asker.extra)


def _picker(ctx: Context) -> None:
    def picked() -> None:
        if st.session_state["sql.query"]:
            _load(st.session_state["sql.query"])

    st.selectbox(
        ctx.say("load_query"),
        list(queries.everything()),
        index=None,
        key="sql.query",
        placeholder=ctx.say("load_hint"),
        on_change=picked,
    )


def _load(name: str) -> None:
    """Put a query of sql/ into the editor, and its defaults into the fields."""
    state = st.session_state
    state["sql.text"] = queries.find(name).sql
    state["sql.serial"] += 1
    for key in [key for key in state if str(key).startswith("sql.value.")]:
        del state[key]


def _fields(ctx: Context, text: str) -> dict[str, str]:
    """Draw a field for each parameter, and return what they say."""
    known = parameters.declared(text)
    names = list(known) or parameters.names(text)
    if not names:
        return {}
    given = {}
    columns = st.columns(min(3, len(names)))
    for i, name in enumerate(names):
        param = known.get(name)
        given[name] = columns[i % len(columns)].text_input(
            f"`${name}`" + (f" {param.type}" if param else ""),
            value=parameters.shown(param) if param else "",
            help=plain.visible(param.meaning) if param and param.meaning else None,
            key=f"sql.value.{name}",
        )
    return given


def _ask(ctx: Context, text: str, given: dict[str, str]) -> Asked:
    values: dict[str, Any] = {}
    try:
        values = parameters.values(text, given)
        answer = ctx.asker.ask(text, values, CONSOLE)
    except lake.LakeError as error:
        return Asked(text, values, error)
    if answer.table.nbytes > KEPT:
        answer = replace(answer, table=answer.table.slice(0, 0), is_cut=True)
    return Asked(text, values, answer)


def _result(ctx: Context, asked: Asked) -> None:
    """The answer as chart, table and files; an error as text, with the command that helps."""
    answer = draw.asked(ctx, asked.text, partial(asked.answer, ctx))
    if answer is None:
        return
    n = answer.table.num_rows
    st.caption(ctx.say("result", n=n, seconds=answer.seconds))
    _chart(ctx, answer)
    cell = LONG if answer.table.nbytes < WIDE else draw.CELL
    draw.table(answer, ctx, key="sql.rows", cell=cell)
    _files(ctx, asked, answer)


def _chart(ctx: Context, answer: Answer) -> None:
    """Controls of a chart, and the chart."""
    table = answer.table.rename_columns(cells.names(answer.table.column_names))
    names = shape.drawable(table)
    if not names:
        return
    of = hash(tuple(table.schema.names))  # another result has controls of its own
    chosen = st.segmented_control(
        ctx.say("chart"),
        shape.KINDS,
        default=shape.first(table).kind,
        format_func=lambda kind: ctx.say(f"chart_{kind}"),
        key=f"sql.chart.{of}",
        required=True,
    )
    first = shape.first(table, chosen)
    if first.kind == "table":
        return
    picked = {}
    for channel, column in zip(("x", "y", "color"), st.columns(3), strict=True):
        options = names if channel != "color" else ["", *names]
        picked[channel] = column.selectbox(
            ctx.say(f"axis_{channel}"),
            options,
            index=options.index(getattr(first, channel)),
            format_func=lambda name: name or ctx.say("nobody"),
            key=f"sql.{channel}.{chosen}.{of}",
        )
    made = shape.Shape(first.kind, **picked)
    if shape.lacks_number(made, table):
        where = " / ".join(ctx.say(f"axis_{channel}") for channel in made.numbers)
        st.info(ctx.say("chart_number", where=where))
        return
    if table.num_rows > shape.MOST:
        st.caption(ctx.say("chart_cut", n=shape.MOST))
    for _, drawing in chart.charts(*shape.chart(made, table, ctx.colours(), ctx.language)):
        st.altair_chart(drawing, width="stretch", key="sql.drawing")


def _files(ctx: Context, asked: Asked, answer: Answer) -> None:
    """Buttons that make a file of all rows when they are pressed."""
    most = ctx.say("export_most", n=EXPORT.rows, seconds=EXPORT.seconds, mb=EXPORT.answer_mb)
    st.caption(f"**{ctx.say('export')}.** {most}")
    with st.container(horizontal=True):
        for suffix, kind in export.FORMATS.items():
            refused = suffix == ".csv" and export.holds_nested(answer.table.schema)
            st.download_button(
                {".parquet": "Parquet", ".csv": "CSV", ".jsonl": "JSON lines"}[suffix],
                partial(export.ask, ctx.asker, asked.text, asked.values, suffix),
                file_name=f"rows{suffix}",
                mime=kind,
                on_click="ignore",
                disabled=refused,
                help=ctx.say("export_nested") if refused else None,
                key=f"sql.file{suffix}",
            )
