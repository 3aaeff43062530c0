"""Controls for a panel's parameters, as its header says."""

from typing import Any

import streamlit as st

from kormo_ds.dashboard import labels, plain
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.panel import Control, Panel

ALL = "%"
"""A default that leaves nothing out; it is offered as '(all)'."""


def values(panel: Panel, ctx: Context) -> dict[str, Any]:
    """Draw the panel's controls and return what they say, by parameter."""
    if not panel.controls:
        return {}
    chosen = {}
    columns = st.columns(min(3, len(panel.controls)))
    for i, control in enumerate(panel.controls):
        with columns[i % len(columns)]:
            chosen[control.param] = one(panel, control, ctx)
    return chosen


def one(panel: Panel, control: Control, ctx: Context) -> Any:
    """Draw one control and return its value."""
    param = panel.query.params[control.param]
    given: dict[str, Any] = {
        "label": labels.column(control.param, ctx.language),
        "help": plain.visible(param.meaning) or None,
        "key": f"{panel.name}.{control.param}",
    }
    default = ctx.default(panel, control)
    if control.kind == "slider":
        whole = "INT" in param.type
        kind = int if whole else float
        low, high, step = (kind(x or 0) for x in (control.low, control.high, control.step))
        value = min(max(kind(default or low), low), high)
        return st.slider(min_value=low, max_value=high, value=value, step=step, **given)
    if control.kind == "choice":
        options = _options(panel, control, ctx)
        if not options:
            st.selectbox(options=[ctx.say("nobody")], disabled=True, **given)
            return default
        place = options.index(default) if default in options else 0

        def shown(value: Any) -> str:
            return ctx.say("all") if value == ALL else plain.visible(value) or ctx.say("nobody")

        return st.selectbox(options=options, index=place, format_func=shown, **given)
    if control.kind == "several":
        offered = ctx.choices(control.choices)
        return st.multiselect(
            options=offered,
            default=[one for one in default or () if one in offered],
            format_func=plain.visible,
            **given,
        )
    if control.kind == "number":
        if "INT" in param.type:
            return st.number_input(value=int(default or 0), step=1, **given)
        return st.number_input(value=float(default or 0), **given)
    if control.kind == "switch":
        return st.toggle(value=bool(default), **given)
    return st.text_input(value="" if default is None else str(default), **given)


def _options(panel: Panel, control: Control, ctx: Context) -> list[Any]:
    default = panel.query.params[control.param].default
    first = [default] if default == ALL else []
    return first + [one for one in ctx.choices(control.choices) if one != default or not first]
