"""`kormo ingest` as its user meets it: a summary, JSON, one-line errors."""

import json
from pathlib import Path

import pytest

import lake
from kormo_ds.cli.ingest import described, ingest
from kormo_ds.errors import BadInput, KormoError

WORDS = ["lang=ko", "source=web", "origin=crawled"]
ROWS = '{"text": "하나"}\nbroken\n{"text": "하나"}\n'


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text(ROWS)
    return str(tmp_path / "lake")


def lines(capsys):
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()][2:]


def test_the_summary(root, capsys):
    ingest(["a.jsonl", *WORDS], root)
    assert lines(capsys) == [
        "documents added 1",
        "ko 1",
        "present before 1",
        "rows rejected 1",
        "broken_json 1",
        "rows read 3",
        "broken_json, e.g. a.jsonl:2: Expecting value: line 1 column 1 (char 0): broken",
        "6 bytes of text added",
    ]


def test_a_repeat_says_that_nothing_is_new(root, capsys):
    Path("b.jsonl").write_text('{"text": "하나"}')
    ingest(["b.jsonl", *WORDS], root)
    capsys.readouterr()
    ingest(["b.jsonl", *WORDS], root)
    assert lines(capsys)[-1] == "nothing new: all documents were in the lake already"


def test_json_has_all_counts(root, capsys):
    ingest(["a.jsonl", *WORDS], root, json=True)
    found = json.loads(capsys.readouterr().out)
    (run,) = lake.open(root).dataset("ingests").to_table().to_pylist()
    assert found.pop("examples").keys() == {"broken_json"}
    assert found == {
        "ingest_run": run["ingest_run"],
        "n_read": 3,
        "n_added": 1,
        "n_present": 1,
        "n_rejected": 1,
        "rejected": {"broken_json": 1},
        "by_lang": {"ko": 1},
        "n_bytes": 6,
        "n_left_out": 0,
        "skipped": {},
        "dry_run": False,
    }


def test_a_dry_run_makes_no_lake(root, tmp_path, capsys):
    ingest(["a.jsonl", *WORDS], root, dry_run=True)
    assert lines(capsys)[0] == "documents would be added 1"
    assert not (tmp_path / "lake").exists()


def test_options_hold_for_every_path_and_a_name_means_a_shipped_source(root, tmp_path):
    (tmp_path / "b.yaml").write_text("{path: a.jsonl, lang: en, kind: web}")
    found = described(["b.yaml", "fastapi", "a.jsonl", *WORDS])
    assert [(s.lang, s.source, s.kind) for s in found] == [
        ("ko", "web", "web"),
        ("ko", "web", "tech-doc"),
        ("ko", "web", ""),
    ]
    assert [str(s) for s in found] == ["a.jsonl", "fastapi==0.110.0", "a.jsonl"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (WORDS, "nothing to ingest; name a file, a folder"),
        (["gone.jsonl", *WORDS], "no file or folder gone.jsonl, nor a shipped source .*fastapi"),
        (["a.jsonl"], "lang and source and origin not given; add lang=…"),
        (["a.jsonl", *WORDS, "licens=MIT"], "unknown option 'licens'; did you mean 'license'?"),
        (["a.jsonl", *WORDS, "origin=web"], "unknown origin 'web'; .*known: crawled, curated"),
        ([".", *WORDS, "include=*.md"], "nothing to read in .: none of its 2 files is chosen"),
    ],
)
def test_a_mistake_is_one_line(root, words, message):
    with pytest.raises(KormoError, match=message) as error:
        ingest(words, root)
    assert "\n" not in str(error.value)


def test_an_empty_folder_is_said(root, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="nothing to read in empty: it is empty"):
        ingest(["empty", *WORDS], root)
