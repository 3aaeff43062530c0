import numpy as np
import pyarrow as pa
import pytest

from kormo_ds import sequences
from kormo_ds.errors import BadInput, Damaged, UnknownName
from kormo_ds.sequences.schema import Pieces, batch, schema
from kormo_ds.sequences.write import Writer

FACTS = {"command": "kormo pack m@1 tokenizer=t name=a", "fingerprint": "f"}


def two_rows() -> pa.RecordBatch:
    """Row 0: documents x (3 tokens) and y (1); row 1: the rest of y (2) and padding (2)."""
    return batch(
        np.array([[1, 2, 3, 4], [5, 6, 0, 0]], np.int32),
        Pieces(
            rows=np.array([0, 0, 1, 1]),
            lengths=np.array([3, 1, 2, 2], np.int32),
            doc_ids=pa.array(["x", "y", "y", ""]),
            offsets=np.array([0, 0, 1, 0], np.int32),
            components=pa.array(["web", "law", "law", ""]),
            languages=pa.array(["ko", "en", "en", ""]),
        ),
    )


@pytest.fixture
def folder(tmp_path) -> str:
    folder = str(tmp_path / "a")
    writer = Writer(folder, 4, FACTS)
    writer.append([(two_rows(), {"at": 1}), (two_rows(), {"at": 2})])
    writer.finish({"n_padding": 4})
    return folder


def test_a_block_becomes_these_rows():
    assert two_rows().to_pylist() == [
        {
            "input_ids": [1, 2, 3, 4],
            "lengths": [3, 1],
            "doc_ids": ["x", "y"],
            "offsets": [0, 0],
            "components": ["web", "law"],
            "unscored": [],
            "languages": ["ko", "en"],
        },
        {
            "input_ids": [5, 6, 0, 0],
            "lengths": [2, 2],
            "doc_ids": ["y", ""],
            "offsets": [1, 0],
            "components": ["law", ""],
            "unscored": [{"start": 2, "end": 4}],
            "languages": ["en", ""],
        },
    ]


def test_facts_travel_with_the_table(folder: str):
    rows = sequences.open(folder)
    assert rows.facts == FACTS | {
        "format": 2,
        "length": 4,
        "n_rows": 4,
        "n_padding": 4,
        "complete": True,
    }
    assert (rows.n_rows, rows.length, rows.fingerprint) == (4, 4, "f")


def test_take_keeps_order_and_repeats(folder: str):
    rows = sequences.open(folder).take(np.array([3, 0, 3]))
    assert rows.input_ids.tolist() == [[5, 6, 0, 0], [1, 2, 3, 4], [5, 6, 0, 0]]
    assert rows.input_ids.dtype == np.int32
    assert [x.tolist() for x in rows.lengths] == [[2, 2], [3, 1], [2, 2]]
    spans = [(starts.tolist(), ends.tolist()) for starts, ends in rows.unscored]
    assert spans == [([2], [4]), ([], []), ([2], [4])]


def test_pieces_lead_back_to_documents(folder: str):
    found = sequences.open(folder).pieces(1)
    assert [(p.doc_id, p.start, p.end, p.offset, p.component) for p in found] == [
        ("y", 0, 2, 1, "law"),
        ("", 2, 4, 0, ""),
    ]
    assert [p.input_ids.tolist() for p in found] == [[5, 6], [0, 0]]


def test_documents_lead_to_rows(folder: str):
    rows = sequences.open(folder)
    assert rows.holding("y").tolist() == [0, 1, 2, 3]
    assert rows.holding("x").tolist() == [0, 2]
    assert rows.holding("z").tolist() == []


def test_state_comes_with_the_rows(tmp_path):
    folder = str(tmp_path / "a")
    writer = Writer(folder, 4, FACTS)
    assert (writer.state, writer.n_rows, writer.complete) == ({}, 0, False)
    writer.append([(two_rows(), {"at": 1}), (two_rows(), {"at": 2})])
    again = Writer(folder, 4, {})
    assert (again.state, again.n_rows, again.complete) == ({"at": 2}, 4, False)


def test_a_failed_append_leaves_the_table_as_it_was(tmp_path):
    folder = str(tmp_path / "a")
    writer = Writer(folder, 4, FACTS)
    writer.append([(two_rows(), {"at": 1})])

    def fails():
        yield two_rows(), {"at": 2}
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        writer.append(fails())
    again = Writer(folder, 4, {})
    assert (again.state, again.n_rows) == ({"at": 1}, 2)
    again.sweep()
    assert len(list((tmp_path / "a" / "rows.lance" / "data").iterdir())) == 1
    assert again.state == {"at": 1}


def test_an_incomplete_table_is_refused_with_the_command(tmp_path):
    folder = str(tmp_path / "a")
    Writer(folder, 4, FACTS).append([(two_rows(), {})])
    with pytest.raises(Damaged) as error:
        sequences.open(folder)
    assert str(error.value) == (
        "sequences 'a' are incomplete, 2 rows so far; "
        "complete them with: kormo pack m@1 tokenizer=t name=a"
    )


def test_an_unknown_name_names_its_neighbours(folder: str, tmp_path):
    with pytest.raises(UnknownName, match=r"unknown sequences 'b'; known: a; make them with"):
        sequences.open(str(tmp_path / "b"))


def test_a_row_that_is_not_there_is_refused(folder: str):
    with pytest.raises(BadInput, match="there is no row 4; rows go from 0 to 3"):
        sequences.open(folder).take(np.array([0, 4]))


def test_a_lost_data_file_is_named(folder: str, tmp_path):
    for file in (tmp_path / "a" / "rows.lance" / "data").iterdir():
        file.unlink()
    with pytest.raises(Damaged, match="pack again with: kormo pack m@1"):
        sequences.open(folder).take(np.array([0]))


def test_languages_are_read_where_they_are_asked_for(folder):
    table = sequences.open(folder)
    assert table.has_languages
    assert table.take(np.array([1, 0])).languages == []
    assert table.take(np.array([1, 0]), languages=True).languages == [["en", ""], ["ko", "en"]]


def test_a_table_begun_before_languages_were_kept_is_completed_as_it_was_begun(tmp_path):
    import lance

    folder = str(tmp_path / "old")
    facts = FACTS | {"format": 1, "length": 4, "complete": False}
    older = schema(4, facts)
    older = older.remove(older.get_field_index("languages"))
    lance.write_dataset(two_rows().select(older.names).cast(older), f"{folder}/rows.lance")
    writer = Writer(folder, 4, FACTS)
    writer.append([(two_rows(), {"at": 2})])
    writer.finish({})
    table = sequences.open(folder)
    assert (table.n_rows, table.has_languages) == (4, False)
    assert table.take(np.array([3])).lengths[0].tolist() == [2, 2]
