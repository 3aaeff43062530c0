"""Training runs beside each other; a spike leads to the documents of its step."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from kormo_ds.dashboard import draw
from kormo_ds.dashboard.ask import Answer
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.panel import of_page


def show(ctx: Context) -> None:
    """Draw the page."""
    leading = {
        panel.name: partial(_spike, ctx)
        for panel in of_page("runs")
        if panel.name == "run_spike_table" or any(one.get("mark") for one in panel.charts)
    }
    draw.page(ctx, "runs", after=leading)


def _spike(ctx: Context, answer: Answer, picked: Any, given: Mapping[str, Any]) -> None:
    """The documents of the chosen spike, by its mark in a chart or its row in a table."""
    if not picked:
        st.caption(ctx.say("choose_spike"))
        return
    chosen = picked[0]
    if isinstance(chosen, int):
        chosen = answer.table.slice(chosen, 1).to_pylist()[0]
    st.write(chosen)
