"""Find a document; see its columns, what is left out of its text, its family, where it was used."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

import lake
from kormo_ds.dashboard import cells, document, draw, draw_related, draw_text, plain, run_tables
from kormo_ds.dashboard.ask import Answer
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.panel import of_page
from kormo_ds.trace import trained
from lake.condition import EXAMPLE

WIDE = 2_000
"""Characters of a value among the columns."""
CONDITION = "documents.condition"


def show(ctx: Context) -> None:
    """Draw the page: the document of the address, or the search."""
    _keep_search()
    doc_id = st.query_params.get("doc")
    if doc_id:
        if st.button(ctx.say("back_to_search"), icon=":material/arrow_back:"):
            del st.query_params["doc"]
            st.rerun()
        _document(ctx, doc_id)
        return
    by_words, by_condition = st.tabs([ctx.say("by_words"), ctx.say("by_condition")])
    with by_words:
        after = {panel.name: partial(_chosen, ctx) for panel in of_page("documents")}
        draw.page(ctx, "documents", after=after)
    with by_condition:
        _condition(ctx)


def _keep_search() -> None:
    """Streamlit forgets what a field says once it is not drawn, unless it is said again."""
    names = [
        f"{panel.name}.{name}" for panel in of_page("documents") for name in panel.query.params
    ]
    for key in (*names, CONDITION):
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def _chosen(ctx: Context, answer: Answer, picked: Any, given: Mapping[str, Any]) -> None:
    if picked:
        st.query_params["doc"] = answer.table.column("doc_id")[picked[0]].as_py()
        st.rerun()


@st.fragment
def _condition(ctx: Context) -> None:
    """Documents by any condition in SQL."""
    condition = st.text_input(ctx.say("condition"), placeholder=EXAMPLE, key=CONDITION)
    if condition:
        answer = draw.asked(ctx, "documents", lambda: document.found(ctx.asker, condition))
        if answer is not None:
            picked = draw.table(answer, ctx, key="documents.found", selecting=True)
            _chosen(ctx, answer, picked, {})


def _document(ctx: Context, doc_id: str) -> None:
    """Everything that is known of one document."""
    try:
        row = document.read(ctx.asker, doc_id)
    except lake.LakeError as error:
        st.error(plain.literal(str(error)))
        return
    if row is None:
        st.info(ctx.say("no_document", doc_id=plain.literal(plain.cut(doc_id, 80))))
        draw_related.empty(ctx, "documents")
        return
    st.subheader(plain.literal(f"{row['source']} · {row['source_id']}"), anchor=False)
    known = [str(row[name]) for name in ("lang", "origin", "doc_id") if row[name]]
    st.caption(plain.literal(" · ".join(known)))
    draw_text.text(ctx, row)
    if row.get("messages"):
        draw_text.messages(ctx, row["messages"], doc_id)
    draw_related.family(ctx, doc_id)
    draw_related.duplicates(ctx, row)
    draw_related.evaluations(ctx, row)
    _trained(ctx, doc_id)
    _columns(ctx, row)


@st.cache_data(ttl=60, show_spinner=False)
def _trained_on(doc_id: str, version: int, _ctx: Context) -> trained.Trained:
    folders = run_tables.folders(_ctx.lk, _ctx.runs)
    return trained.trained_on(_ctx.lk, doc_id, folders)


def _trained(ctx: Context, doc_id: str) -> None:
    """Mixtures, packed rows, steps and checkpoints that hold the document."""
    folded = st.expander(ctx.say("trained_on"), on_change="rerun", key="document.trained")
    if not folded.open:
        return
    with folded:
        found = _trained_on(doc_id, ctx.lk.version(), ctx)
        for name in ("mixtures", "rows", "steps", "checkpoints"):
            st.markdown(f"###### {ctx.say(f'trained_{name}')}")
            rows = [asdict(one) for one in getattr(found, name)]
            if rows:
                made = Answer(pa.Table.from_pylist(rows), is_cut=False, seconds=0.0)
                draw.table(made, ctx, key=f"document.{name}.{doc_id}")
            else:
                st.caption(ctx.say("nowhere"))
        for said in found.unknown:
            st.caption(plain.literal(said))
        if not found.checkpoints:
            draw_related.empty(ctx, "mixtures, sequences, runs")


def _columns(ctx: Context, row: Mapping[str, Any]) -> None:
    """All other columns with who wrote them; what is not computed yet has its command."""
    with st.container(border=True, key="document-columns"):
        st.markdown(f"##### {ctx.say('all_columns')}")
        known = list(document.values(ctx.lk, ctx.asker, row))
        shown = pa.table(
            {
                "column": [one.column for one in known],
                "value": [_shown(ctx, one) for one in known],
                "step": [one.step for one in known],
                "meaning": [one.meaning for one in known],
            }
        )
        draw.table(Answer(shown, is_cut=False, seconds=0.0), ctx, key="document.columns", cell=WIDE)


def _shown(ctx: Context, one: document.Value) -> str | None:
    if one.value is not None:
        text: str | None = cells.text(one.value, WIDE)
        return text
    return None if one.command is None else ctx.say("not_computed", command=one.command)
