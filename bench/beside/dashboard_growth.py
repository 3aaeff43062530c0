"""Draw how the dashboard's panels grow with the lake, from bench/results/dashboard.json.

python bench/beside/dashboard_growth.py      # writes docs/dashboard/growth.png
"""

import json
from pathlib import Path

import altair as alt

ROOT = Path(__file__).resolve().parents[2]
NAMED = 6
"""Panels with a colour, the slowest at the largest size; the others are grey."""
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC3311", "#33BBEE", "#7B68EE"]


def main() -> None:
    """Write the picture."""
    results = json.loads((ROOT / "bench" / "results" / "dashboard.json").read_text())
    points = [
        {"rows": int(rows.replace(",", "")), "panel": name, "seconds": max(one["seconds"], 0.001)}
        for rows, of_size in results["rows"].items()
        for name, one in of_size["panels"].items()
    ]
    most = max(point["rows"] for point in points)
    largest = sorted((p for p in points if p["rows"] == most), key=lambda p: -p["seconds"])
    named = [point["panel"] for point in largest[:NAMED]]
    for point in points:
        point["shown"] = point["panel"] if point["panel"] in named else "other panels"
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("rows:Q", scale=alt.Scale(type="log"), title="documents"),
        y=alt.Y(
            "seconds:Q",
            scale=alt.Scale(type="log", domain=[0.01, 5]),
            title="seconds from a moved control to the rows, median",
        ),
        detail="panel:N",
        color=alt.Color(
            "shown:N",
            title=None,
            scale=alt.Scale(domain=[*named, "other panels"], range=[*COLOURS, "#BBBBBB"]),
        ),
    )
    goal = alt.Chart(alt.Data(values=[{"seconds": 1}]))
    rule = goal.mark_rule(strokeDash=[6, 4], color="#666666").encode(y="seconds:Q")
    drawn = alt.layer(base.mark_line(point=True), rule).properties(width=560, height=340)
    drawn.save(str(ROOT / "docs" / "dashboard" / "growth.png"), scale_factor=1.5)


if __name__ == "__main__":
    main()
