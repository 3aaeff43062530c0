"""Steps together on a small lake: order, one scan, later appends, bad input."""

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.steps import STEPS, step
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.language import Language
from kormo_ds.steps.length import Length
from kormo_ds.steps.n_tokens import NTokens
from kormo_ds.steps.run import ordered, run
from kormo_ds.steps.words import Words

BORN = ["doc_id", "text", "lang"]


def documents(*texts, first=0):
    return pa.table(
        {
            "doc_id": [f"d{first + i}" for i in range(len(texts))],
            "text": pa.array(texts, pa.string()),
            "lang": ["ko"] * len(texts),
        }
    )


@pytest.fixture
def lk(tmp_path):
    lk = lake.create(tmp_path / "lake")
    lk.append("documents", documents("하나 둘 셋\r\n넷", None, "cafe\u0301"))
    return lk


def columns(lk, *names):
    return lk.dataset("documents").to_table(columns=list(names)).to_pydict()


@pytest.mark.parametrize(
    ("given", "plan"),
    [
        ([Clean()], [Clean()]),
        ([Length(), Clean()], [Clean(), Words(), Length()]),
        ([Language(), Clean(), Language()], [Clean(), Language()]),
        ([NTokens(), Length(), Clean()], [Clean(), Words(), Length()]),
    ],
    ids=["alone", "words come by themselves", "twice is once", "the rest keep their order"],
)
def test_order(given, plan, tokenizer_file):
    tokens = NTokens(tokenizer=str(tokenizer_file))
    given = [tokens if isinstance(each, NTokens) else each for each in given]
    expected = [*plan[:1], tokens, *plan[1:]] if tokens in given else plan
    assert ordered(given, BORN) == expected


def test_a_column_that_is_there_needs_no_step():
    assert ordered([Length()], [*BORN, "text_clean"]) == [Words(), Length()]
    assert ordered([Length(), Clean()], [*BORN, "text_clean"]) == [Clean(), Words(), Length()]


def test_together(lk):
    filled = run(lk, [Length(min_words=2), Clean()])
    assert (filled.rows, filled.rows_before) == (3, 0)
    assert filled.reasons == {"length_reason": {"kept": 1, "no_text": 1, "too_short": 1}}
    assert columns(lk, "text", "text_clean", "clean_changed", "n_words", "length_reason") == {
        "text": ["하나 둘 셋\r\n넷", None, "cafe\u0301"],
        "text_clean": ["하나 둘 셋\n넷", "", "café"],
        "clean_changed": [True, False, True],
        "n_words": [4, 0, 1],
        "length_reason": ["kept", "no_text", "too_short"],
    }
    assert "text_clean.words" not in lk.schema().names


def test_later_rows_are_computed_and_earlier_ones_are_not(lk):
    run(lk, [Clean(), Length()])
    lk.append("documents", documents("다섯", first=3))
    filled = run(lk, [Clean(), Length()])
    assert (filled.rows, filled.rows_before) == (1, 3)
    assert columns(lk, "n_words")["n_words"] == [4, 0, 1, 1]
    assert run(lk, [Clean(), Length()]).rows == 0


def test_a_step_can_be_added(lk, tokenizer_file):
    run(lk, [Clean()])
    run(lk, [Length(), NTokens(tokenizer=str(tokenizer_file))])
    assert columns(lk, "n_bytes", "n_tokens_bytes") == {
        "n_bytes": [18, 0, 5],
        "n_tokens_bytes": [18, 0, 5],
    }


def test_a_missing_column_names_the_step_that_writes_it(lk):
    with pytest.raises(BadInput, match="'text_clean', which is not there; clean writes it: kormo"):
        run(lk, [Length()])
    assert lk.version() == 2


def test_a_column_that_no_step_writes():
    with pytest.raises(BadInput, match="reads column 'lang', which is not there; the documents"):
        ordered([Language()], ["text_clean"])


def test_a_column_that_lacks_rows_is_completed_first(lk):
    run(lk, [Clean()])
    lk.append("documents", documents("다섯", first=3))
    message = (
        "step length reads column 'text_clean', which is not computed yet for 1 of 4 documents; "
        "run both: kormo step run clean length"
    )
    with pytest.raises(BadInput, match=message):
        run(lk, [Length()])


def test_other_settings_are_refused(lk):
    run(lk, [Clean(), Length()])
    with pytest.raises(lake.ColumnTaken, match="other settings"):
        run(lk, [Clean(), Length(min_words=1)])


def test_no_documents(tmp_path):
    with pytest.raises(lake.NoTable, match="nothing is in table 'documents'"):
        run(lake.create(tmp_path / "empty"), [Clean()])


def test_an_unknown_step():
    with pytest.raises(UnknownName, match="unknown step 'lenght'; did you mean 'length'?"):
        step("lenght")


def test_every_step_has_the_name_it_is_listed_under():
    assert {name: each.name for name, each in STEPS.items()} == {name: name for name in STEPS}
    written = [column.name for each in STEPS.values() for column in each.columns]
    assert len(written) == len(set(written))
