"""The same bytes for ever: whatever is appended, computed or rewritten in sql/ afterwards."""

import hashlib

import numpy as np
import pyarrow as pa
import pytest

import lake
from kormo_ds import mixture
from kormo_ds.errors import Damaged
from kormo_ds.mixture import contract
from kormo_ds.mixture.selection import Digest


def demo(lk, **values):
    return mixture.run(lk, lake.Query.read("sql/mixtures/demo.sql"), values).mixture


def test_later_documents_columns_and_views_do_not_change_it(lk, tmp_path, monkeypatch):
    made = demo(lk)
    lk.append(
        "documents",
        pa.table(
            {"doc_id": ["new"], "text": ["x"], "length_reason": ["kept"], "lang_reason": ["kept"]}
        ),
    )
    lk.drop("documents", ["lang_reason"])
    views = tmp_path / "sql" / "views"
    views.mkdir(parents=True)
    (views / "kept_documents.sql").write_text("select doc_id, nothing from documents\n")
    monkeypatch.chdir(tmp_path)
    mixture.verify(lk, made)


def test_a_tagged_version_outlives_clean_up(lk):
    from datetime import timedelta

    made = demo(lk)
    lk.append("documents", pa.table({"doc_id": ["new"], "text": ["x"]}))
    lk.clean(older_than=timedelta(0))
    mixture.verify(lk, made)


def test_changed_rows_are_found(lk):
    made = demo(lk)
    lk.dataset(made.table).delete("doc_id = 'ko1'")
    with pytest.raises(Damaged, match="the rows of demo@1 in .* were changed"):
        mixture.verify(lk, made)


def test_a_query_that_depends_on_chance_is_found(lk, query):
    asked = query(
        "select doc_id, 'a' as component, 1.0::double as repeats, uuid()::varchar as sort_key "
        "from documents"
    )
    made = mixture.run(lk, asked, {}).mixture
    with pytest.raises(Damaged, match="the query of mine@1 gives other rows today"):
        mixture.verify(lk, made)


def test_missing_rows_are_found(lk):
    import shutil

    made = demo(lk)
    shutil.rmtree(lk.uri(made.table))
    with pytest.raises(Damaged, match="the rows of demo@1 are gone"):
        mixture.verify(lk, made)


ROWS = pa.table(
    [["a", "한국", "c"], ["x", "", "x"], [1.0, 2.5, 1.0], ["0", "1", "2"]],
    schema=contract.SCHEMA,
)


def digest(table: pa.Table, rows_a_batch: int) -> str:
    made = Digest()
    for batch in table.to_batches(max_chunksize=rows_a_batch):
        made.update(batch)
    return made.hexdigest()


def test_the_digest_is_what_its_docstring_says():
    def sha(data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def lengths(*numbers: int) -> bytes:
        return np.array(numbers, dtype="<i4").tobytes()

    parts = [
        sha(lengths(1, 6, 1)),
        sha("a한국c".encode()),
        sha(lengths(1, 0, 1)),
        sha(b"xx"),
        sha(np.array([1.0, 2.5, 1.0], dtype="<f8").tobytes()),
        sha(lengths(1, 1, 1)),
        sha(b"012"),
    ]
    assert digest(ROWS, 3) == hashlib.sha256(b"".join(parts)).hexdigest()


@pytest.mark.parametrize("rows_a_batch", [1, 2])
def test_the_digest_does_not_depend_on_batches(rows_a_batch):
    assert digest(ROWS, rows_a_batch) == digest(ROWS, 3)


@pytest.mark.parametrize(("column", "row", "value"), [(0, 0, "b"), (1, 1, "x"), (2, 2, 1.5)])
def test_the_digest_changes_with_every_value(column, row, value):
    values = ROWS.column(column).to_pylist()
    values[row] = value
    field = contract.SCHEMA.field(column)
    changed = ROWS.set_column(column, field, pa.array(values, field.type))
    assert digest(changed, 3) != digest(ROWS, 3)


def test_the_digest_of_a_known_lake_stays(lk):
    """A literal: it fails when the order, the digest or the meaning of `demo` changes unnoticed."""
    assert demo(lk).digest == "3d73edb57973fbe5dd840d1c147ebdfffcff218d2c79f9de000eb24f2d5fcac4"


def test_a_query_of_a_view_with_optional_columns_is_pinned_with_them(lk, query, tmp_path):
    asked = query(
        "select doc_id, 'a' as component, 1.0::double as repeats, md5(doc_id) as sort_key "
        "from final_text where length(final_text) < 35"
    )
    made = mixture.run(lk, asked, {}).mixture
    assert made.n_documents == 3
    assert 'null::VARCHAR as "bff_text"' in made.sql
    from kormo_ds.dedup.bff import Settings
    from kormo_ds.dedup.run_bff import run

    run(lk, Settings(mode="exact"))
    mixture.verify(lk, made)
    assert mixture.run(lk, asked, {}).mixture.name == "mine@2"
