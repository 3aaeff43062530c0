"""The main panels as one HTML file that opens without a network.

Vega's JavaScript stands in the file once, charts as JSON, and a content policy forbids the page to
fetch anything. What comes from the data is escaped where it enters the page: in HTML as text, in
the JSON so that no tag can end the script around it. It follows the reader's light or dark setting.
"""

import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import lake
from kormo_ds.dashboard import chart, labels, missing, plain
from kormo_ds.dashboard.ask import Answer
from kormo_ds.dashboard.context import Context
from kormo_ds.dashboard.figures import number, totals
from kormo_ds.dashboard.look import Look
from kormo_ds.dashboard.panel import Panel, first, of_page
from lake import files

PAGES = ("lake", "funnel", "what_if", "mixtures", "runs")
FIT = {"type": "fit-x", "contains": "padding"}
ROWS = 50
"""Rows of a table; a report is to be read, `kormo sql --out` writes them all."""


def write(ctx: Context, path: Path) -> int:
    """Ask every main panel and write the report, whole or not at all; returns its panels.

    Args:
        ctx: the lake, its runs and the language.
        path: the file, ending in .html.
    """
    parts: list[str] = []
    specs: list[dict[str, Any]] = []
    n = 0
    for page in PAGES:
        shown = first(of_page(page))
        if shown:
            parts.append(f'<h2 id="{page}">{_text(ctx.say(page))}</h2>')
        for panel in shown:
            parts += _panel(ctx, panel, specs)
            n += 1
    files.write_bytes(str(path), _whole(ctx, parts, specs).encode())
    return n


def _panel(ctx: Context, panel: Panel, specs: list[dict[str, Any]]) -> Iterator[str]:
    """The HTML of one panel; its charts go to `specs`."""
    yield f"<section><h3>{_text(ctx.titled(panel))}</h3>"
    yield f"<p>{_text(panel.query.description.splitlines()[0])}</p>"
    values = ctx.defaults(panel)
    try:
        answer = ctx.asker.query(panel.query, values)
    except lake.LakeError as error:
        yield _missing(ctx, str(error), missing.explain(error, ctx.lk))
        yield "</section>"
        return
    if values:
        said = ", ".join(f"{name} = {value}" for name, value in values.items())
        yield f"<p><small>{_text(said)}</small></p>"
    if answer.table.num_rows == 0:
        lacking = missing.empty(ctx.lk, panel.query.sql, ctx.asker.extra)
        yield _missing(ctx, ctx.say("no_rows"), lacking)
    else:
        for drawn in panel.charts:
            if drawn.kind == "figures":
                yield _figures(ctx, answer.table.slice(0, 1).to_pylist()[0])
            elif drawn.kind == "totals":
                yield _figures(ctx, totals(answer.table))
            elif drawn.kind == "table":
                yield _table(ctx, answer)
            else:
                look = Look.of(ctx, values)
                for heading, made in chart.charts(drawn, answer.table, look):
                    spec = made.properties(width="container", autosize=FIT).to_dict()
                    yield _place(f"{ctx.titled(panel)} {heading}", heading, len(specs))
                    specs.append(spec)
    yield "</section>"


def _place(label: str, heading: str, number: int) -> str:
    """Where the chart of that number is drawn."""
    above = f"<h4>{_text(heading)}</h4>" if heading else ""
    said = _text(label.strip())
    return f'{above}<div class="chart" id="c{number}" role="img" aria-label="{said}"></div>'


def _missing(ctx: Context, what: str, lacking: str | None) -> str:
    if lacking is None:
        return f'<p class="missing">{_text(what)}</p>'
    what, _, command = lacking.partition(": ")
    made = f"{_text(ctx.say('made_by'))} <code>{_text(command)}</code>"
    return f'<p class="missing">{_text(what)}</p><p>{made}</p>'


def _figures(ctx: Context, row: dict[str, Any]) -> str:
    shown = [
        f"<div><dt>{_text(labels.column(name, ctx.language))}</dt>"
        f"<dd>{_text(number(value))}</dd></div>"
        for name, value in row.items()
    ]
    return f"<dl>{''.join(shown)}</dl>"


def _table(ctx: Context, answer: Answer) -> str:
    table = answer.table.slice(0, ROWS)
    heads = "".join(f"<th>{_text(labels.column(n, ctx.language))}</th>" for n in table.column_names)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_text(_cell(value))}</td>" for value in row.values()) + "</tr>"
        for row in table.to_pylist()
    )
    shown = f'<div class="wide"><table><tr>{heads}</tr>{rows}</table></div>'
    if answer.table.num_rows > ROWS or answer.is_cut:
        shown += f"<p><small>{_text(ctx.say('cut', n=ROWS))}</small></p>"
    return shown


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return plain.cut(f"{value:.4g}" if isinstance(value, float) else str(value), 200)


def _text(value: str) -> str:
    """Text that stays text in HTML."""
    return html.escape(plain.visible(value), quote=True)


def _whole(ctx: Context, parts: list[str], specs: list[dict[str, Any]]) -> str:
    """The page around the panels."""
    import vl_convert

    bundle: Any = vl_convert.javascript_bundle

    frame = resources.files("kormo_ds.dashboard").joinpath("report.html").read_text("utf-8")
    data = json.dumps(specs, ensure_ascii=False, default=str)
    for sign in "<>&\u2028\u2029":  # so that no text of the data ends the script it stands in
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    asked = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    where = ctx.say("version", version=ctx.lk.version(), root=ctx.lk.root)
    filled = {
        "LANGUAGE": ctx.language,
        "WHERE": _text(f"{where}, {asked}"),
        "PANELS": "\n".join(parts),
        "VEGA": bundle().replace("</script", "<\\/script"),
        "SPECS": data,
    }
    before, *rest = frame.split("{{")
    return before + "".join(
        filled[name] + text for name, _, text in (part.partition("}}") for part in rest)
    )
