"""Recorded mixtures: what each is made of, how it was asked, what changed, and what came of it."""

import json

import pyarrow as pa
import streamlit as st

from kormo_ds import mixture, recorded
from kormo_ds.dashboard import draw, plain
from kormo_ds.dashboard.ask import Answer
from kormo_ds.dashboard.context import Context


def show(ctx: Context) -> None:
    """Draw the page."""
    draw.page(ctx, "mixtures")
    known = recorded.mixtures(ctx.lk)
    if not known:
        return
    _asked(ctx, known)
    if len(known) > 1:
        _changed(ctx, known)


@st.fragment
def _asked(ctx: Context, known: list[recorded.Mixture]) -> None:
    """The SQL of a mixture with its parameters."""
    with st.container(border=True, key="panel-mixture-sql"):
        st.markdown(f"##### {ctx.say('mixture_sql')}")
        chosen = st.selectbox(
            ctx.say("mixture"), known[::-1], format_func=lambda m: plain.visible(m.name)
        )
        parameters = json.loads(chosen.parameters)
        if parameters:
            values = [json.dumps(value, ensure_ascii=False) for value in parameters.values()]
            made = pa.table({ctx.say("parameter"): list(parameters), ctx.say("value"): values})
            draw.table(Answer(made, False, 0.0), ctx, key="mixture.parameters")
        st.caption(
            ctx.say("mixture_from", version=chosen.documents_version, tag=plain.literal(chosen.tag))
        )
        st.code(chosen.sql, language="sql")


@st.fragment
def _changed(ctx: Context, known: list[recorded.Mixture]) -> None:
    """What is in one mixture and not in another."""
    names = {m.name: m for m in known[::-1]}
    with st.container(border=True, key="panel-mixture-diff"):
        st.markdown(f"##### {ctx.say('mixture_diff')}")
        left, right = st.columns(2)
        before = left.selectbox(ctx.say("before"), list(names), index=1, format_func=plain.visible)
        after = right.selectbox(ctx.say("after"), list(names), index=0, format_func=plain.visible)
        found = mixture.diff(ctx.lk, names[before], names[after])
        st.caption(ctx.say("mixture_same", n=found.n_same))
        if found.is_same:
            st.info(ctx.say("mixture_equal"))
        elif not found.changes:
            st.info(ctx.say("mixture_order"))
        else:
            made = pa.Table.from_pylist([vars(change) for change in found.changes])
            draw.table(Answer(made, False, 0.0), ctx, key="mixture.diff")
