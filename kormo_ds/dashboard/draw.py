"""A panel on a page: title, controls, charts, and on demand its table and its query.

A panel is a fragment: moving its slider asks and draws that panel alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import streamlit as st

import lake
from kormo_ds.dashboard import cells, chart, controls, labels, missing, plain
from kormo_ds.dashboard.ask import Answer
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.figures import number, totals
from kormo_ds.dashboard.look import Look
from kormo_ds.dashboard.panel import Chart, Panel, first, of_page

CELL = 300
"""Characters of a cell that are shown; the console and the documents page show all."""

After = Callable[[Answer, Any, Mapping[str, Any]], None]
"""What follows a panel inside its frame."""


def page(
    ctx: Context,
    name: str,
    but: Sequence[str] = (),
    after: Mapping[str, After] | None = None,
) -> None:
    """Draw the panels of a page, those of high places folded away.

    Args:
        ctx: the page's context.
        name: the page.
        but: panels that the page draws itself.
        after: what follows a panel, by the panel's name; see `one`.
    """
    shown = [panel for panel in of_page(name) if panel.name not in but]
    open_ones = first(shown)
    ctx.ask_ahead((panel, ctx.defaults(panel)) for panel in open_ones)
    for panel in open_ones:
        one(panel, ctx, after=(after or {}).get(panel.name))
    if len(shown) > len(open_ones):
        folded = st.expander(ctx.say("more"), on_change="rerun")
        if folded.open:  # what is folded away is not asked
            with folded:
                for panel in shown[len(open_ones) :]:
                    one(panel, ctx, after=(after or {}).get(panel.name))


@st.fragment
def one(
    panel: Panel,
    ctx: Context,
    fixed: Mapping[str, Any] | None = None,
    after: After | None = None,
) -> None:
    """Draw one panel.

    Args:
        panel: the panel.
        ctx: the page's context.
        fixed: values of parameters that have no control here.
        after: called with the answer, what was chosen in its charts or table (its rows' places, or
            the marks' fields), and the values of its parameters.
    """
    with st.container(border=True, key=f"panel-{panel.name}"):
        st.markdown(f"##### {ctx.titled(panel)}", help=panel.query.description.splitlines()[0])
        given = {**controls.values(panel, ctx), **(fixed or {})}
        answer = asked(ctx, panel.query.sql, lambda: ctx.asker.query(panel.query, given))
        if answer is None:
            return
        picked = None
        for drawn in panel.charts:
            picked = _draw(panel, drawn, answer, given, ctx, selecting=after is not None) or picked
        if all(drawn.kind != "table" for drawn in panel.charts):
            with st.expander(ctx.say("table"), key=f"{panel.name}.folded"):
                table(answer, ctx, key=f"{panel.name}.table")
                st.code(panel.query.sql, language="sql")
        if after is not None:
            after(answer, picked, given)


def asked(
    ctx: Context, text: str, ask: Callable[[], Answer], nothing: str | None = None
) -> Answer | None:
    """The answer, or None after showing what is missing and which command makes it.

    Args:
        ctx: the page's context.
        text: the query, whose tables may be empty.
        ask: asks it.
        nothing: what to say where it has no row; default that a table is empty, or that.
    """
    try:
        answer = ask()
    except lake.LakeError as error:
        lacking = missing.explain(error, ctx.lk)
        if lacking is None:
            st.error(f"{ctx.say('refused')}: {plain.literal(str(error))}")
        else:
            lacks(ctx, lacking)
        return None
    if answer.table.num_rows == 0:
        lacking = missing.empty(ctx.lk, text, ctx.asker.extra)
        if nothing is not None:
            st.caption(nothing)
        elif lacking is None:
            st.info(ctx.say("no_rows"))
        else:
            lacks(ctx, lacking)
        return None
    return answer


def link(ctx: Context, doc_id: str | None) -> None:
    """A link to a document's page."""
    if doc_id:
        st.markdown(f"[{ctx.say('open_document')}](documents?doc={quote(doc_id, safe='')})")


def lacks(ctx: Context, said: str) -> None:
    """Show what is missing and the command that makes it, as `missing` says it."""
    what, _, command = said.partition(": ")
    st.info(f"{ctx.say('missing')}: {plain.literal(what)}")
    st.caption(ctx.say("made_by"))
    st.code(plain.visible(command), language="console")


def table(answer: Answer, ctx: Context, key: str, selecting: bool = False, cell: int = CELL) -> Any:
    """Draw the rows as a table of plain text and numbers; returns the chosen rows' places."""
    shown = cells.rows(answer.table, cell)
    counts = [field.name for field in shown.schema if pa.types.is_integer(field.type)]
    given: dict[str, Any] = {
        "hide_index": True,
        "width": "stretch",
        "key": key,
        "column_config": {
            name: st.column_config.NumberColumn(format="localized") for name in counts
        },
    }
    if selecting:
        given |= {"on_select": "rerun", "selection_mode": "single-row"}
    chosen = st.dataframe(shown, **given)
    if answer.is_cut:
        st.caption(ctx.say("cut", n=answer.table.num_rows))
    return chosen["selection"]["rows"] if selecting else None


def figures(row: Mapping[str, Any], ctx: Context) -> None:
    """Draw values as figures side by side."""
    with st.container(horizontal=True):
        for name, value in row.items():
            st.metric(labels.column(name, ctx.language), number(value))


def _draw(
    panel: Panel,
    drawn: Chart,
    answer: Answer,
    given: Mapping[str, Any],
    ctx: Context,
    selecting: bool,
) -> Any:
    """Draw a chart of the panel; returns what is chosen in it."""
    place = panel.charts.index(drawn)
    key = f"{panel.name}.{place}"
    if drawn.kind == "figures":
        figures(answer.table.slice(0, 1).to_pylist()[0], ctx)
        return None
    if drawn.kind == "totals":
        figures(totals(answer.table), ctx)
        return None
    if drawn.kind == "table":
        return table(answer, ctx, key, selecting)
    look = Look.of(ctx, given)
    chosen = None
    for i, (heading, made) in enumerate(chart.charts(drawn, answer.table, look)):
        if heading:
            st.caption(heading)
        shown: dict[str, Any] = {"width": "stretch", "key": f"{key}.{i}", "alt": ctx.titled(panel)}
        if drawn.get("mark") is None:
            st.altair_chart(made, **shown)
        else:
            event: Any = st.altair_chart(made, on_select="rerun", **shown)
            chosen = event["selection"].get("chosen") or chosen
    return chosen
