"""Lakes of literal documents, and texts that are as alike as a test needs."""

import pyarrow as pa
import pytest

import lake


def _article(name, n=400, replaced=0):
    """A text of n words of its own; `replaced` of them, in the middle, are others."""
    first = (n - replaced) // 2
    return " ".join(
        f"{name}{'other' if first <= i < first + replaced else ''}{i}" for i in range(n)
    )


@pytest.fixture
def article():
    return _article


@pytest.fixture
def lake_of(tmp_path):
    """A lake with documents {doc_id: text}, one fragment for each of `parts`."""

    def make(*parts, name="lake", **columns):
        lk = lake.create(tmp_path / name)
        for part in parts:
            add(lk, part, **columns)
        return lk

    return make


def add(lk, part, **columns):
    rows = {"doc_id": list(part), "text": list(part.values())}
    lk.append("documents", pa.table(rows | {k: [v] * len(part) for k, v in columns.items()}))


@pytest.fixture(name="add")
def _add():
    return add


@pytest.fixture
def verdicts():
    """{doc_id: (dup_of, cluster, reason)}, or without cluster where the method has none."""

    def read(lk, method):
        names = ["doc_id", *(column.name for column in method.columns)]
        rows = lk.dataset("documents").to_table(names).to_pylist()
        return {row["doc_id"]: tuple(row.values())[1:] for row in rows}

    return read
