"""Training runs beside each other; a spike leads to the documents of its step."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

import lake
from kormo_ds.dashboard import draw, plain, run_tables, spike
from kormo_ds.dashboard.ask import Answer
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.panel import of_page
from kormo_ds.errors import KormoError

SPIKES = "run_spike_table"
"""The panel whose rows are spikes."""


def show(ctx: Context) -> None:
    """Draw the page."""
    leading = {
        panel.name: partial(_spike, ctx, panel.name)
        for panel in of_page("runs")
        if panel.name == SPIKES or any(one.get("mark") for one in panel.charts)
    }
    draw.page(ctx, "runs", after=leading)


def _spike(ctx: Context, panel: str, answer: Answer, picked: Any, given: Mapping[str, Any]) -> None:
    """The documents of the chosen spike, by its mark in a chart or its row in a table."""
    if not picked:
        st.caption(ctx.say("choose_spike"))
        return
    chosen = picked[0]
    if isinstance(chosen, int):
        chosen = answer.table.slice(chosen, 1).to_pylist()[0]
    run, step = str(chosen["run"]), int(chosen["step"])
    st.markdown(f"###### {ctx.say('spike_of', run=plain.literal(run), step=step)}")
    folder = run_tables.folders(ctx.lk, ctx.runs).get(run)
    if folder is None:
        return
    try:
        found = spike.documents(ctx.lk, folder, step)
        groups = spike.groups(ctx.lk, found)
    except (KormoError, lake.LakeError) as error:
        st.error(plain.literal(str(error)))
        return
    documents = Answer(found.table, is_cut=False, seconds=0.0)
    rows = draw.table(documents, ctx, key=f"{panel}.documents", selecting=True)
    if rows:
        draw.link(ctx, found.table.column("doc_id")[rows[0]].as_py())
    st.markdown(f"###### {ctx.say('spike_groups')}")
    draw.table(Answer(groups, is_cut=False, seconds=0.0), ctx, key=f"{panel}.groups")
