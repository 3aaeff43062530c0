"""Every panel can be drawn: what its charts name is in the answer."""

import pytest

from kormo_ds.dashboard import panel
from lake import duck

COLUMNS = ("x", "y", "color", "row", "dash", "size", "mark", "rule")
"""Channels that name a column; others say how."""
PANELS = panel.panels()


@pytest.mark.parametrize("shown", PANELS, ids=lambda shown: shown.name)
def test_charts_name_columns_of_the_answer(shown, lake_of, runs_of):
    con = duck.connect(lake_of({}), mentioned=shown.query.sql, extra=runs_of({}))
    answer = shown.query.run(con).columns
    named = {
        column for chart in shown.charts for channel, column in chart.channels if channel in COLUMNS
    }
    assert named <= set(answer)


def test_a_panel_can_be_asked_before_anyone_gives_a_value():
    for shown in PANELS:
        assert not [p.name for p in shown.query.params.values() if p.required], shown.name
