"""The dashboard's panels on large lakes: seconds from a moved control to the rows, and memory.

For each size a lake without text is made (`bench/beside/large_lake.py`), and a process of its own
asks as the server does, through `Asker`: first all panels of a page that are not folded away, by a
new asker, two at once, as when the first reader comes; then each panel with values that nobody has
asked before, one without controls anew, by an asker that has its kept views already. Beside it in
turn, the same SQL and values in plain DuckDB over one Parquet file of the same rows, which is open
already and keeps nothing: a ratio below 1 is the kept view's doing. Panels whose columns the lake
lacks are named and not measured. Memory is the peak of the process before the peer runs. CPU
seconds are of all threads, for machines on which others work.

    python bench/dashboard.py [ROWS …]     # default 50000; 5000000 takes some minutes and 2 GB
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from report import keep

import lake
from kormo_ds.dashboard import context
from kormo_ds.dashboard.panel import FIRST, Control, Panel, of_page
from lake import duck, spans
from lake.about import ABOUT
from lake.tables import TABLES

PAGES = ("lake", "funnel", "what_if", "mixtures", "documents")
MOVES, FIRSTS = 5, 3
"""Questions of a panel, and first draws of a page."""
SPREAD = 0.618034
"""Values of a slider are as far apart as this part of its range, wrapped."""


def values(panel: Panel, ctx: context.Context, turn: int) -> dict[str, Any]:
    """What a reader may have chosen at a turn; sliders and numbers are never the same twice."""
    chosen = ctx.defaults(panel)
    for control in panel.controls:
        chosen[control.param] = moved(control, chosen[control.param], ctx, turn)
    return chosen


def moved(control: Control, default: Any, ctx: context.Context, turn: int) -> Any:
    if control.kind == "slider":
        low, high = control.low or 0, control.high or 0
        return round(low + (high - low) * ((turn + 1) * SPREAD % 1))
    if control.kind == "choice":
        options = ctx.choices(control.choices) or [default]
        return options[turn % len(options)]
    if control.kind == "number":
        return default + turn + 1
    return f"d{turn + 1}" if control.param == "words" else default


def peer(lk: lake.Lake, parquet: Path) -> duckdb.DuckDBPyConnection:
    """Plain DuckDB with the views, over Parquet."""
    con = duckdb.connect()
    con.execute(f"create view documents as from '{parquet}'")
    spans.register(con)
    for name, table in TABLES.items():
        if name != "documents":
            con.register(name, table.schema.empty_table())
    for name, make in ABOUT.items():
        con.register(name, make(lk))
    todo = duck.views()
    while todo:
        left = {}
        for name, view in todo.items():
            try:
                con.execute(f"create view {name} as {duck.with_optional(con, view)}")
            except duckdb.Error:
                left[name] = view
        if len(left) == len(todo):
            return con
        todo = left
    return con


def taken(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds on the clock and of the processor, all threads."""
    used, began = time.process_time(), time.perf_counter()
    work()
    return time.perf_counter() - began, time.process_time() - used


def median(pairs: list[tuple[float, float]]) -> dict[str, float]:
    clock, cpu = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {"seconds": round(clock, 3), "cpu_seconds": round(cpu, 3)}


def first_page(lk: lake.Lake, page: str) -> None:
    """What the page's first reader waits for."""
    ctx = context.opened(lk, "")
    ctx.names()
    ctx.ask_ahead((panel, ctx.defaults(panel)) for panel in of_page(page) if panel.place < FIRST)
    ctx.pool.shutdown(wait=True)


def compared(lk: lake.Lake, ctx: context.Context, panel: Panel, parquet: Path) -> dict[str, Any]:
    """A panel's figures beside the peer's, in turn, with the same values."""
    seen = {repr(ctx.defaults(panel))}
    turns = []
    for turn in range(MOVES):
        chosen = values(panel, ctx, turn)
        if repr(chosen) not in seen:
            seen.add(repr(chosen))
            turns.append((panel.query.sql, chosen))
    is_moved = len(turns) > 1
    if not is_moved:  # nothing to move: a comment makes it a text that nobody asked
        default = ctx.defaults(panel)
        turns = [(f"{panel.query.sql}\n-- {turn}", default) for turn in range(MOVES)]
    own, other = [], []
    for text, chosen in turns:
        typed = panel.query.values(chosen)
        own.append(taken(partial(ctx.asker.ask, text, typed)))
        con = peer(lk, parquet)
        other.append(taken(partial(plainly, con, panel.query, chosen)))
    ours, theirs = median(own), median(other)
    return {
        "page": panel.page,
        "asked": f"{len(turns)} new values" if is_moved else f"{len(turns)} times anew",
        **ours,
        **{f"peer_{name}": value for name, value in theirs.items()},
        "ratio": round(ours["seconds"] / theirs["seconds"], 1),
    }


def plainly(con: duckdb.DuckDBPyConnection, query: lake.Query, chosen: Mapping[str, Any]) -> None:
    """Ask the peer."""
    text = duck.with_optional(con, query.sql)
    con.sql(text, params=query.values(chosen) or None).to_arrow_table()


def measured(root: str) -> dict[str, Any]:
    """All figures of one lake."""
    lk = lake.open(root)
    pages = {
        page: median([taken(partial(first_page, lk, page)) for _ in range(FIRSTS)])
        for page in PAGES
    }
    ctx = context.opened(lk, "")
    panels = [panel for page in PAGES for panel in of_page(page)]
    left_out, asked = [], []
    for panel in panels:
        try:
            ctx.asker.query(panel.query, ctx.defaults(panel))
            asked.append(panel)
        except lake.LakeError:
            left_out.append(panel.name)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parquet = Path(root).with_suffix(".parquet")
    lk.sql("from documents").write_parquet(str(parquet))
    found = {panel.name: compared(lk, ctx, panel, parquet) for panel in asked}
    return {
        "first_draw_of_page": pages,
        "panels": found,
        "left_out": left_out,
        "peak_mib": round(peak),
    }


def main(sizes: list[int]) -> None:
    sys.path.insert(0, str(Path(__file__).parent / "beside"))
    import large_lake

    by_rows = {}
    for n_rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = str(Path(folder) / "lake")
            large_lake.make(root, n_rows)
            done = subprocess.run(
                [sys.executable, __file__, "--lake", root], check=True, capture_output=True
            )
            by_rows[f"{n_rows:,}"] = json.loads(done.stdout)
    figures = {
        "goal": "first page 3 s, every panel 1 s in the median, below 2 GB, at 5,000,000 rows",
        "load_of_machine": round(os.getloadavg()[1], 1),
        "rows": by_rows,
    }
    keep("dashboard", figures, ("duckdb", "pylance", "pyarrow"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--lake"]:
        print(json.dumps(measured(sys.argv[2])))
    else:
        main([int(word) for word in sys.argv[1:]] or [50_000])
