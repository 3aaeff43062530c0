"""Move a threshold and see what is kept; what is liked becomes a mixture."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from kormo_ds.dashboard import draw, plain, save_mixture
from kormo_ds.dashboard.ask import Answer
from kormo_ds.dashboard.context import Context
from kormo_ds.errors import KormoError


def show(ctx: Context) -> None:
    """Draw the page."""
    draw.page(ctx, "what_if", after={"what_if": partial(_save, ctx)})


def _save(ctx: Context, answer: Answer, picked: Any, given: Mapping[str, Any]) -> None:
    """Ask for a name and write the mixture's file."""
    with st.form("save", border=False):
        name = st.text_input(ctx.say("mixture_name"), help=ctx.say("mixture_name_help"))
        sent = st.form_submit_button(ctx.say("save_mixture"))
    if not sent:
        return
    try:
        path = save_mixture.save(dict(given), name, Path.cwd())
    except KormoError as error:
        st.error(plain.literal(str(error)))
        return
    st.success(ctx.say("saved", path=path))
    st.code(f"kormo mixture run {path.stem}", language="console")
