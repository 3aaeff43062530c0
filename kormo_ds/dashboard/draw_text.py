"""The texts of a document on a page: cleaned, as it came, as it is trained on, and by turns."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

import lake
from kormo_ds.dashboard import document, draw, marked, missing, plain
from kormo_ds.dashboard.context import Context

PART = 20_000
"""Characters of a text that are shown at a time."""
TURNS = 20
"""Turns of a conversation that are shown at a time."""


@st.fragment
def text(ctx: Context, row: Mapping[str, Any]) -> None:
    """The text: as it came, as it was cleaned, each with its marks, or as it is trained on."""
    with st.container(border=True, key="document-text"):
        there = [name for name in ("text_clean", "text") if row.get(name) is not None]
        view = st.segmented_control(
            ctx.say("text_as"),
            [*there, "final"],
            format_func=lambda name: ctx.say(f"as_{name}"),
            default=there[0] if there else "final",
            key=f"document.view.{row['doc_id']}",
            required=True,
        )
        if view == "final":
            try:
                whole = [marked.Piece(document.final(ctx.asker, row["doc_id"]) or "")]
            except lake.LakeError as error:
                st.error(plain.literal(str(error)))
                return
            hides = False
        else:
            whole = marked.pieces(row[view], marked.spans(row, view))
            hides = _explained(ctx, row, view, whole)
        key = f"document.part.{row['doc_id']}.{view}"
        _shown(ctx, whole, ctx.say(f"as_{view}"), key, hides)
        for column in marked.KINDS.values():
            if row.get(column) is None:
                not_computed(ctx, column)


def messages(ctx: Context, turns: Sequence[Mapping[str, Any]], doc_id: str) -> None:
    """The turns of a conversation, each with its role, and its reasoning before what is said."""
    with st.container(border=True, key="document-messages"):
        st.markdown(f"##### {ctx.say('messages')}")
        key = f"document.turns.{doc_id}"
        first = (_place(ctx, "part_of_turns", len(turns), TURNS, key) - 1) * TURNS
        for i, turn in enumerate(turns[first : first + TURNS], first):
            said = (("reasoning", turn.get("reasoning")), ("content", turn.get("content")))
            for name, content in said:
                if content or name == "content":
                    role = plain.literal(turn.get("role")) or ctx.say("nobody")
                    more = f" · {ctx.say('reasoning')}" if name == "reasoning" else ""
                    st.markdown(f"**{role}**{more}")
                    whole = [marked.Piece(content or "")]
                    _shown(ctx, whole, ctx.say("messages"), f"{key}.{i}.{name}", hides=False)


def _explained(
    ctx: Context, row: Mapping[str, Any], view: str, whole: Sequence[marked.Piece]
) -> bool:
    """Say what is marked and what cannot be; returns whether personal data is hidden."""
    names = _names(ctx)
    there = {span.kind for piece in whole for span in piece.spans}
    if there:
        st.html(
            marked.STYLE + marked.legend([kind for kind in marked.KINDS if kind in there], names)
        )
        n_gone = sum(len(piece.text) for piece in whole if piece.spans)
        n = sum(len(piece.text) for piece in whole)
        st.caption(ctx.say("marks", n_gone=n_gone, n=n))
    if other := marked.elsewhere(row, view):
        st.caption(plain.literal(ctx.say("marks_elsewhere", columns=", ".join(other))))
    return "personal" in there and not st.toggle(ctx.say("show_masked"), key="document.masked")


def _shown(ctx: Context, whole: Sequence[marked.Piece], label: str, key: str, hides: bool) -> None:
    """A part of the text, and which part it is where there are several."""
    n = sum(len(piece.text) for piece in whole)
    if n == 0:
        st.caption(ctx.say("empty_text"))
        return
    first = (_place(ctx, "part_of_text", n, PART, key) - 1) * PART
    shown = marked.to_html(marked.part(whole, first, PART), _names(ctx), label, hides)
    st.html(marked.STYLE + shown)


def _place(ctx: Context, said: str, n: int, size: int, key: str) -> int:
    """Which part of `n` is shown, from 1; asked for where there are several."""
    parts = -(-n // size)
    if parts <= 1:
        return 1
    return int(st.number_input(ctx.say(said, n=n, parts=parts), 1, parts, 1, key=key))


def _names(ctx: Context) -> dict[str, str]:
    return {kind: ctx.say(f"mark_{kind}") for kind in marked.KINDS}


def not_computed(ctx: Context, column: str) -> None:
    """Say that a column has no value here, and what computes it."""
    command = missing.command_of(column, ctx.lk)
    if command is None:
        st.caption(ctx.say("no_value", column=plain.literal(column)))
    else:
        draw.lacks(ctx, f"{column}: {command}")
