"""The console's editor: a text area that completes names, as a Streamlit component of this package.

Why not a package: streamlit-monaco fetches Monaco from a CDN, streamlit-ace (2021) takes no words
to complete, and streamlit-code-editor (2024; 18 MB in a frame of its own) takes one flat list,
whatever stands before the cursor, and keeps the Tab key, so that a keyboard cannot leave it. Here
are a plain text area, which input methods, screen readers and phones know, and a list beside it:
some 150 lines that fetch nothing.

Tab takes what is marked in an open list; Enter does after an arrow or Ctrl-Space, and else begins a
line. Escape closes the list, and with none Tab leaves the text. Ctrl-Enter runs. Words go in as
`completion.Words`; out come the text, when the focus leaves it or its `$names` change, and what is
asked for.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from kormo_ds.dashboard.completion import Words
from kormo_ds.dashboard.context import Context

_HERE = Path(__file__).parent
HTML = """
<div class="editor">
  <textarea spellcheck="false" autocapitalize="off" autocomplete="off" aria-autocomplete="list"
    aria-haspopup="listbox" aria-controls="completions"
    aria-keyshortcuts="Control+Enter"></textarea>
  <ul id="completions" role="listbox" aria-label="completions" hidden></ul>
  <footer><button type="button"></button><small></small></footer>
</div>
"""
_component = st.components.v2.component(
    "kormo_sql_editor",
    html=HTML,
    css=(_HERE / "editor.css").read_text(encoding="utf-8"),
    js="".join((_HERE / f"{n}.js").read_text(encoding="utf-8") for n in ("candidates", "editor")),
)


@dataclass(frozen=True)
class Edited:
    """What the editor says."""

    text: str
    run: str | None
    """The text that was to run just now."""


def edit(ctx: Context, text: str, serial: int, words: Words, load: Callable[[str], None]) -> Edited:
    """Draw the editor.

    Args:
        ctx: the page's context.
        text: what it begins with; another text is taken over when `serial` is another.
        serial: number of the text.
        words: what it completes.
        load: called with the name of a query of sql/ that was chosen in the list.
    """

    def loaded() -> None:
        name = st.session_state["sql.editor"]["load"]
        if name in dict(words.queries):
            load(name)

    data = {
        "text": text,
        "serial": serial,
        "words": asdict(words),
        "run": ctx.say("run_query"),
        "label": ctx.say("sql_text"),
        "hint": ctx.say("sql_keys"),
    }
    said = _component(
        key="sql.editor",
        data=data,
        on_written_change=_nothing,
        on_run_change=_nothing,
        on_load_change=loaded,
    )
    written = said.written
    if written and written["serial"] == serial:
        text = written["text"]
    return Edited(text if said.run is None else said.run, said.run)


def _nothing() -> None:
    """A component's values have a name only where something listens to them."""
