"""`contamination` on a small lake: what it writes, whose it is, killed and run again, bad input."""

import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.recorded import eval_sets
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.contamination import LISTED, Contamination, findable
from kormo_ds.steps.run import run

ROOT = Path(__file__).parents[2]
QUESTION = "If a train leaves the station at noon, when does it arrive at the next one?"
KOREAN = "다음 중 대한민국의 수도는 어디인가"
COLUMNS = [column.name for column in Contamination.columns]


def add(lk, name, *texts):
    """A set of these items, whose ids are 1, 2, …"""
    n = len(texts)
    rows = {"item": [str(i + 1) for i in range(n)], "text": list(texts), "lang": [None] * n}
    rows |= {"file": ["f"] * n, "line": list(range(1, n + 1))}
    lk.write(eval_sets.table(name), pa.table(rows, schema=eval_sets.SCHEMA))


def documents(lk, *texts):
    ids = [f"d{i}" for i in range(len(texts))]
    lk.append("documents", pa.table({"doc_id": ids, "text": list(texts)}))


@pytest.fixture
def lk(tmp_path):
    lk = lake.create(tmp_path / "lake")
    add(lk, "trains", QUESTION, "Too short?", "Is it the fast train?")
    add(lk, "capitals", KOREAN)
    documents(
        lk,
        f"She asked: {QUESTION.upper()} Nobody knew.",
        "If a train leaves the station at noon, when does it come?",
        f"{KOREAN}? {KOREAN}! is it the FAST train",
        "Too short?",
    )
    return lk


def columns(lk):
    return lk.dataset("documents").to_table(columns=COLUMNS).to_pydict()


def test_which_item_of_which_set(lk):
    filled = run(lk, [Clean(), Contamination()])
    assert filled.reasons == {"contamination_reason": {"eval_overlap": 2, "kept": 2}}
    assert columns(lk) == {
        "contaminated_by": [["trains:1"], [], ["capitals:1", "trains:3"], []],
        "contamination_items": [1, 0, 2, 0],
        "contamination_hits": [4, 0, 3, 0],  # a question of 16 words has four 13-grams
        "contamination_reason": ["eval_overlap", "kept", "eval_overlap", "kept"],
    }


@pytest.mark.parametrize(
    ("settings", "items"),
    [
        ({"sets": "capitals"}, [[], [], ["capitals:1"], []]),
        ({"sets": "trains, trains", "ngram": 9}, [["trains:1"], ["trains:1"], ["trains:3"], []]),
        ({"min_words": 2, "sets": "trains"}, [["trains:1"], [], ["trains:3"], ["trains:2"]]),
        ({"min_words": 6, "sets": "trains"}, [["trains:1"], [], [], []]),
    ],
    ids=str,
)  # fmt: skip
def test_settings(lk, settings, items):
    run(lk, [Clean(), Contamination(**settings)])
    assert columns(lk)["contaminated_by"] == items


def test_items_are_named_up_to_a_number_and_counted_all(lk):
    n = LISTED + 5
    add(lk, "many", *(f"item number {i} is here" for i in range(n)))
    documents(lk, " ".join(f"Item number {i} is here." for i in range(n)))
    run(lk, [Clean(), Contamination()])
    found = columns(lk)
    assert found["contaminated_by"][-1] == [f"many:{i + 1}" for i in range(LISTED)]
    assert (found["contamination_items"][-1], found["contamination_hits"][-1]) == (n, n)


def test_an_ngram_of_too_many_items_says_nothing(lk):
    asked = "Read the text and then give the best answer to the question about"
    add(lk, "alike", *(f"{asked} {name}" for name in ("him", "her", "them")))
    documents(lk, f"{asked} us", f"{asked} her")
    run(lk, [Clean(), Contamination(sets="alike", max_items=2)])
    assert columns(lk)["contaminated_by"][-2:] == [[], ["alike:2"]]


def test_what_can_be_found(lk):
    add(
        lk,
        "same",
        *["one two three four five six seven eight nine ten eleven twelve thirteen"] * 11,
    )
    assert findable(lk, Contamination()) == [
        ("capitals", 1, 0, 1, 0, 0),
        ("same", 11, 0, 0, 0, 11),
        ("trains", 3, 1, 1, 1, 0),
    ]


def test_the_column_belongs_to_the_content_of_the_sets(lk):
    run(lk, [Clean(), Contamination(sets="trains,capitals")])
    assert run(lk, [Clean(), Contamination()]).rows == 0  # the same sets, named otherwise
    for sets in ("trains", "capitals"):
        with pytest.raises(
            lake.ColumnTaken, match="written by contamination@1 with other settings"
        ):
            run(lk, [Contamination(sets=sets)])
    add(lk, "capitals", KOREAN, "another question of five words")
    with pytest.raises(lake.ColumnTaken, match="kormo lake drop contaminated_by"):
        run(lk, [Contamination()])
    lk.drop("documents", COLUMNS)
    run(lk, [Contamination()])


# A run that kills itself after its first commit, eight fragments.
DYING = """
import os, signal, sys
import lake, lake.fill
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.contamination import Contamination
from kormo_ds.steps.run import run

commit = lake.fill._commit

def dying_commit(*given):
    commit(*given)
    os.kill(os.getpid(), signal.SIGKILL)

lake.fill._commit = dying_commit
run(lake.open(sys.argv[1]), [Clean(), Contamination()])
"""


def test_killed_and_run_again(tmp_path):
    made = []
    for name in ("alone", "killed"):
        lk = lake.create(tmp_path / name)
        add(lk, "trains", QUESTION)
        for fragment in range(20):
            documents(lk, f"{fragment}: {QUESTION}", "nothing", QUESTION.lower())
        made.append(lk)
    alone, killed = made
    run(alone, [Clean(), Contamination()])
    died = subprocess.run([sys.executable, "-c", DYING, killed.root], cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    n_computed = killed.dataset("documents").count_rows("contamination_reason is not null")
    assert n_computed == 24
    again = run(killed, [Clean(), Contamination()])
    assert (again.rows, again.rows_before) == (60 - n_computed, n_computed)
    expected, found = (each.dataset("documents").to_table() for each in (alone, killed))
    assert found.schema.equals(expected.schema, check_metadata=True) and found.equals(expected)
    assert found["contamination_items"].to_pylist() == [1, 0, 1] * 20


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_words": 14}, "contamination.min_words=14 and contamination.ngram=13 leave no item"),
        ({"min_words": 0}, "give 1 <= min_words <= ngram"),
        ({"max_items": 0}, "contamination.max_items=0 leaves no n-gram"),
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(BadConfig, match=message):
        Contamination(**settings)


def test_sets_that_are_not_there(lk, tmp_path):
    with pytest.raises(UnknownName, match="unknown evaluation set 'train'; did you mean 'trains'?"):
        Contamination(sets="train").at(lk)
    with pytest.raises(
        BadInput, match="no evaluation set is in the lake yet; add one: kormo evals"
    ):
        Contamination().at(lake.create(tmp_path / "empty"))
    with pytest.raises(BadConfig, match="contamination has no items yet"):
        Contamination()(pa.record_batch({"text_clean": ["a"]}))
