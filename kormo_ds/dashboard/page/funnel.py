"""What each step took, by reason, language and source; a chosen reason shows such documents."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from kormo_ds.dashboard import draw
from kormo_ds.dashboard.ask import Answer
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.panel import of_page

READ = "funnel_documents"
"""The panel that reads documents of a step and a reason."""
CHOSEN = ("step", "reason", "lang", "source")
"""Its parameters that a chosen row fills in."""


def show(ctx: Context) -> None:
    """Draw the page."""
    listing = {
        panel.name: partial(_documents, ctx)
        for panel in of_page("funnel")
        if any(one.kind == "table" for one in panel.charts)
    }
    draw.page(ctx, "funnel", but=(READ,), after=listing)


def _documents(ctx: Context, answer: Answer, picked: Any, given: Mapping[str, Any]) -> None:
    """The documents of the chosen row; nothing where it names no step and reason."""
    names = answer.table.column_names
    if not picked or not {"step", "reason"} <= set(names):
        return
    row = answer.table.slice(picked[0], 1).to_pylist()[0]
    reading = next(panel for panel in of_page("funnel") if panel.name == READ)
    fixed = {name: row[name] for name in CHOSEN if row.get(name) is not None}
    draw.one(reading, ctx, fixed=fixed, after=partial(_chosen, ctx))


def _chosen(ctx: Context, answer: Answer, picked: Any, given: Mapping[str, Any]) -> None:
    if picked:
        draw.link(ctx, answer.table.column("doc_id")[picked[0]].as_py())
