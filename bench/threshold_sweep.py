"""What-if: is every threshold of a column answered within a second on a million documents?

Makes a lake of a million rows, with texts and with the reasons of 19 steps, and asks
`sql/stats/threshold_sweep.sql` as `kormo sql` does, from opening the lake to the last row. Beside
it in the same run, all with the same answer: one query a threshold, and polars and pandas over the
columns that are needed, read from the same Lance files. Then the funnel. Median of 5.

    python bench/threshold_sweep.py      # about two minutes and 1 GB of disk
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from report import keep

import lake
from kormo_ds import queries
from lake import duck

ROWS, ROUNDS, SOURCES = 1_000_000, 5, 20
NEEDED = ["lang", "source", "n_bytes", "quality_bin", "length_reason", "lang_reason"]
Answer = list[tuple[str, str, int, int, int]]
"""Language, source, threshold, documents, bytes."""


def make(root: str) -> lake.Lake:
    lk = lake.create(root)
    draw = np.random.default_rng(0)
    steps = [
        f"{step}_reason"
        for step, *_ in duckdb.sql(queries.find("views/steps_in_order").sql).fetchall()
    ]
    for first in range(0, ROWS, 100_000):
        n = 100_000
        ids = [f"{i:032x}" for i in range(first, first + n)]
        lk.append("documents", documents(draw, ids))
    columns = {name: "string" for name in steps}
    columns |= {"n_chars": "bigint", "n_bytes": "bigint", "quality_bin": "tinyint"}
    add(lk, columns, draw)
    return lk


def documents(draw: np.random.Generator, ids: list[str]) -> pa.Table:
    n = len(ids)
    return pa.table(
        {
            "doc_id": ids,
            "text": [f"{i} " * 40 for i in ids],
            "lang": np.array(["ko", "en"])[draw.integers(0, 2, n)],
            "source": np.array([f"s{i}" for i in range(SOURCES)])[draw.integers(0, SOURCES, n)],
        }
    )


def add(lk: lake.Lake, columns: dict[str, str], draw: np.random.Generator) -> None:
    """Add the columns as the files of a fill would be: one a fragment."""
    schema = pa.schema([pa.field(name, duck_type(kind)) for name, kind in columns.items()])

    def batch(rows: pa.RecordBatch) -> pa.RecordBatch:
        n = rows.num_rows
        made = {}
        for name, kind in columns.items():
            if kind == "string":
                made[name] = np.array(["kept", "odd"])[(draw.random(n) < 0.03).astype(int)]
            else:
                made[name] = draw.integers(0, 10 if kind == "tinyint" else 20_000, n)
        return pa.RecordBatch.from_pydict(made, schema=schema)

    lk.dataset("documents").add_columns(
        lance_udf(batch, schema), read_columns=["doc_id"], batch_size=100_000
    )


def duck_type(kind: str) -> pa.DataType:
    return {"string": pa.string(), "bigint": pa.int64(), "tinyint": pa.int8()}[kind]


def lance_udf(function: Callable[[pa.RecordBatch], pa.RecordBatch], schema: pa.Schema) -> Any:
    import lance

    return lance.batch_udf(output_schema=schema)(function)


def ours(root: str) -> Answer:
    query = queries.find("stats/threshold_sweep")
    con = duck.connect(lake.open(root), mentioned=query.sql)
    rows = query.run(con, {"column": "quality_bin"}).fetchall()
    return [(lang, source, at, n, n_bytes) for lang, source, at, n, _, n_bytes, _ in rows]


def a_query_a_threshold(root: str) -> Answer:
    found: Answer = []
    lk = lake.open(root)
    for threshold in range(10):
        rows = lk.sql(
            "select lang, source, $least, count(*), sum(n_bytes)::bigint from documents "
            "where quality_bin >= $least and length_reason = 'kept' and lang_reason = 'kept' "
            "group by lang, source",
            least=threshold,
        ).fetchall()
        found += rows
    return sorted(found)


def with_polars(root: str) -> Answer:
    table = lake.open(root).dataset("documents").to_table(columns=NEEDED)
    frame: Any = pl.from_arrow(table)
    frame = frame.filter((pl.col("length_reason") == "kept") & (pl.col("lang_reason") == "kept"))
    counted = frame.group_by("lang", "source", "quality_bin").agg(pl.len(), pl.sum("n_bytes"))
    counted = counted.sort("lang", "source", "quality_bin", descending=[False, False, True])
    over = ["lang", "source"]
    sums = counted.with_columns(
        pl.col("len").cum_sum().over(over), pl.col("n_bytes").cum_sum().over(over)
    )
    return sorted(sums.rows())


def with_pandas(root: str) -> Answer:
    frame = lake.open(root).dataset("documents").to_table(columns=NEEDED).to_pandas()
    frame = frame[(frame.length_reason == "kept") & (frame.lang_reason == "kept")]
    by = ["lang", "source", "quality_bin"]
    counted = frame.groupby(by, observed=True)["n_bytes"].agg(["size", "sum"]).reset_index()
    counted = counted.sort_values(by, ascending=[True, True, False])
    counted[["size", "sum"]] = counted.groupby(["lang", "source"])[["size", "sum"]].cumsum()
    return sorted(counted.itertuples(index=False, name=None))


def funnel(root: str) -> None:
    query = queries.find("stats/funnel")
    query.run(duck.connect(lake.open(root), mentioned=query.sql)).fetchall()


def kept(root: str) -> None:
    lake.open(root).sql("select count(*), sum(n_bytes) from kept_documents").fetchall()


def seconds(ask: Callable[[str], Any], root: str) -> tuple[float, Any]:
    taken, answer = [], None
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = ask(root)
        taken.append(time.perf_counter() - start)
    return round(statistics.median(taken), 3), answer


def main() -> None:
    sides = {
        "threshold_sweep": ours,
        "a query a threshold": a_query_a_threshold,
        "polars": with_polars,
        "pandas": with_pandas,
    }
    with tempfile.TemporaryDirectory() as folder:
        root = str(Path(folder) / "lake")
        make(root)
        found = {name: seconds(ask, root) for name, ask in sides.items()}
        expected = found["threshold_sweep"][1]
        assert all(answer == expected for _, answer in found.values())
        other = {"funnel": seconds(funnel, root)[0], "kept_documents": seconds(kept, root)[0]}
    figures = {
        "goal": "at most 1 second",
        "rows": ROWS,
        "columns": "text and 19 reasons among them",
        "seconds": {name: taken for name, (taken, _) in found.items()} | other,
    }
    keep("threshold_sweep", figures, ("duckdb", "pylance", "polars", "pandas"))


if __name__ == "__main__":
    main()
