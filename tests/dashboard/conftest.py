"""A small lake with what steps wrote, and an asker of it."""

import lance
import pyarrow as pa
import pytest

import lake
from kormo_ds.dashboard.ask import Asker
from lake.tables import TABLES

STEP_COLUMNS = {"n_bytes": pa.int64(), "length_reason": pa.string(), "quality": pa.float32()}


def documents(*ids: str, **columns) -> pa.Table:
    """Rows of documents; a column of one value has it in every row."""
    given = {name: [value] * len(ids) for name, value in columns.items()}
    return pa.table({"doc_id": list(ids), "lang": ["ko"] * len(ids), "text": list(ids)} | given)


@pytest.fixture(name="documents")
def documents_fixture():
    return documents


@pytest.fixture
def lk(tmp_path):
    lk = lake.create(tmp_path / "lake")
    fields = [pa.field(name, type_) for name, type_ in STEP_COLUMNS.items()]
    schema = pa.schema([*TABLES["documents"].schema, *fields])
    lance.write_dataset(schema.empty_table(), lk.uri("documents"))
    lk.append("documents", documents("a", "b", "c", n_bytes=1, length_reason="kept"))
    return lk


@pytest.fixture
def asker(lk):
    asker = Asker(lk)
    yield asker
    asker.close()
