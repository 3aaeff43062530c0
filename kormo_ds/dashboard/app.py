"""What Streamlit runs for every session: password, language, sidebar, and the chosen page.

The lake, its questions and their cache are one for the whole server.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any

import streamlit as st

from kormo_ds.dashboard import labels, password, plain
from kormo_ds.dashboard.context import Context, shared
from kormo_ds.dashboard.panel import PAGES
from kormo_ds.dashboard.settings import Served

ICONS = {
    "lake": "water",
    "funnel": "filter_alt",
    "what_if": "tune",
    "mixtures": "blender",
    "documents": "description",
    "runs": "monitoring",
    "sql": "terminal",
}

STYLE = """<style>
[data-testid="stElementToolbar"] button[aria-label="Download as CSV"] { display: none; }
</style>"""
"""Streamlit's own file of a table holds cut cells, and text as a spreadsheet's formulas."""


def main() -> None:
    """Draw the page that the session is on."""
    served = Served.from_json(sys.argv[1])
    st.set_page_config(page_title="kormo", page_icon="🌊", layout="wide")
    st.html(STYLE)
    language = _language(served.language)
    is_in = not served.password_hash or bool(st.session_state.get("let_in"))
    base = shared(served.root, served.runs)
    ctx = replace(base, language=language)
    pages = [
        st.Page(
            partial(_show, name, ctx),
            title=ctx.say(name),
            icon=f":material/{ICONS[name]}:",
            url_path=name,
            default=name == "lake",
        )
        for name in (*PAGES, "sql")
    ]
    chosen = st.navigation(pages, position="sidebar" if is_in else "hidden")
    if not is_in:
        _ask_password(served.password_hash, language)
        return
    with st.sidebar:
        st.caption(ctx.say("version", version=ctx.lk.version(), root=plain.literal(ctx.lk.root)))
        st.caption(ctx.say("read_only"))
    st.header(chosen.title)
    chosen.run()


def _show(name: str, ctx: Context) -> None:
    draw: Callable[[Context], None] = import_module(f"kormo_ds.dashboard.page.{name}").show
    draw(ctx)


def _language(first: str) -> str:
    """The session's language: chosen in the sidebar, first from the address."""
    asked = st.query_params.get("language", first)
    if "language" not in st.session_state:
        st.session_state["language"] = asked if asked in labels.LANGUAGES else first
    given: Any = st.sidebar.segmented_control(
        "Language · 언어",
        list(labels.LANGUAGES),
        format_func=labels.LANGUAGES.__getitem__,
        key="language",
        required=True,
    )
    return str(given)


def _ask_password(hashed: str, language: str) -> None:
    """Ask the session for the password; the page that it is on comes after."""
    with st.form("password"):
        given = st.text_input(labels.say("password", language), type="password")
        sent = st.form_submit_button(labels.say("enter", language))
    if sent and password.is_right(given, hashed):
        st.session_state["let_in"] = True
        st.rerun()
    if sent:
        st.error(labels.say("wrong_password", language))


if __name__ == "__main__":
    main()
