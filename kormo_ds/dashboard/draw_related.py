"""What belongs to a document, on its page: family, duplicates, evaluation items."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

import lake
from kormo_ds.dashboard import draw, missing, plain, related
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.draw_text import not_computed
from kormo_ds.dashboard.related import Member

T = TypeVar("T")
DEDUPLICATIONS = ("exact_dup_of", "minhash_dup_of")
"""Columns of the project's own steps, named where they lack."""


def family(ctx: Context, doc_id: str) -> None:
    """The tree of what was made from what, from the oldest that is known."""
    with st.container(border=True, key="document-family"):
        st.markdown(f"##### {ctx.say('family')}")
        found = _tried(lambda: related.family(ctx.asker, doc_id))
        if found is None:
            return
        if len(found.members) == 1:
            st.caption(ctx.say("no_family"))
            return
        for member in found.members:
            _member(ctx, member, doc_id)
        if found.is_cycle:
            st.warning(ctx.say("family_cycle"))
        if found.is_cut:
            st.caption(ctx.say("family_cut", most=related.MOST, levels=related.LEVELS))


def duplicates(ctx: Context, row: Mapping[str, Any]) -> None:
    """What each step of deduplication says: who is kept, and who else is the same."""
    with st.container(border=True, key="document-duplicates"):
        st.markdown(f"##### {ctx.say('duplicates')}")
        found = _tried(lambda: related.duplicates(ctx.lk, ctx.asker, row))
        for one in found or ():
            if one.keeper is None:
                continue
            st.markdown(f"**{plain.literal(one.column)}**")
            if one.keeper:
                st.caption(ctx.say("dup_keeper"))
                _links([one.keeper], one.column)
            elif not one.others:
                st.caption(ctx.say("no_duplicates"))
            if one.others:
                st.caption(ctx.say("dup_others" if one.keeper else "dup_kept"))
                _links(one.others, one.column)
            if one.is_cut:
                st.caption(ctx.say("dup_cut", most=related.MOST))
        known = [one.column for one in found or ()]
        for column in dict.fromkeys([*known, *DEDUPLICATIONS]):
            if row.get(column) is None:
                not_computed(ctx, column)


def evaluations(ctx: Context, row: Mapping[str, Any]) -> None:
    """Items of evaluation sets that share text with it."""
    with st.container(border=True, key="document-evaluations"):
        st.markdown(f"##### {ctx.say('eval_items')}")
        items = row.get("contaminated_by")
        if items is None:
            not_computed(ctx, "contaminated_by")
        elif not items:
            st.caption(ctx.say("no_eval_items"))
        else:
            st.markdown("\n".join(f"- {plain.literal(item)}" for item in items))
            n = row.get("contamination_items") or len(items)
            if n > len(items):
                st.caption(ctx.say("eval_items_cut", n=n))


def empty(ctx: Context, tables: str) -> None:
    """Name the first of some tables that has no rows, and what makes them."""
    lacking = missing.empty(ctx.lk, tables)
    if lacking is not None:
        draw.lacks(ctx, lacking)


def _tried(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except lake.LakeError as error:
        st.error(plain.literal(str(error)))
        return None


def _member(ctx: Context, member: Member, doc_id: str) -> None:
    """One line of the tree: a button that opens it, but for this document and one that lacks."""
    branch = "\u2003" * max(member.level - 1, 0) + ("└ " if member.level else "")
    said = f"{branch}{plain.literal(plain.cut(member.doc_id, 80))} {plain.literal(member.names)}"
    if member.doc_id == doc_id:
        st.markdown(f"{said} ← **{ctx.say('family_this')}**")
    elif member.is_there:
        _link(member.doc_id, said, "family")
    else:
        st.markdown(f"{said} ({ctx.say('family_missing')})")


def _links(ids: Sequence[str], key: str) -> None:
    for doc_id in ids:
        _link(doc_id, plain.literal(plain.cut(doc_id, 80)), key)


def _link(doc_id: str, said: str, key: str) -> None:
    st.button(said, key=f"document.{key}.{doc_id}", type="tertiary", on_click=_open, args=(doc_id,))


def _open(doc_id: str) -> None:
    st.query_params["doc"] = doc_id
