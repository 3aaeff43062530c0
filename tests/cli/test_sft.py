"""`kormo sft variants` as its user meets it: counts, a query in place of a condition, bad words."""

import json

import pytest

import lake
from kormo_ds.cli.sft import variants
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.ingest import Source, ingest

ROWS = [
    {
        "messages": [
            {"role": "user", "content": "몇 시?"},
            {"role": "assistant", "content": "세 시."},
        ]
    },
    {
        "messages": [
            {"role": "user", "content": "며칠?"},
            {"role": "assistant", "content": "이틀.", "reasoning": "달력."},
        ]
    },
]
QUERY = "-- Of a source.\n-- One row per document.\n-- param {name} VARCHAR = 's'  the source\n\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    facts = {"lang": "ko", "source": "s", "origin": "curated", "conversations": "openai"}
    ingest(lake.create(tmp_path / "lake"), [Source(path="a.jsonl", **facts)])
    for name in ("source", "seed"):
        text = QUERY + "select doc_id from documents where source = ${name}\n"
        (tmp_path / f"{name}.sql").write_text(text.format(name=name))
    return str(tmp_path / "lake")


def lines(capsys):
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()][2:]


def test_the_counts(root, capsys):
    variants(["where=source = 's'"], root)
    assert lines(capsys) == [
        "documents chosen 2",
        "conversations 2",
        "with reasoning 1",
        "no_think variants drawn 2",
        "think variants drawn 1",
        "no_think variants added 2",
        "think variants added 1",
        "added in ko 3",
        "variants present before 0",
    ]
    variants(None, root)
    assert lines(capsys) == [
        "documents chosen 5",
        "skipped: is_variant 3",
        "conversations 2",
        "with reasoning 1",
        "no_think variants drawn 2",
        "think variants drawn 1",
        "variants present before 3",
        "is_variant: it is a variant itself",
    ]


def test_a_query_takes_its_own_parameters(root, capsys):
    variants(["source.sql", "source=t"], root, dry_run=True)
    assert lines(capsys)[0] == "documents chosen 0"
    variants(["source.sql", "think=0", "seed=7"], root, dry_run=True)
    assert lines(capsys)[:5] == [
        "documents chosen 2",
        "conversations 2",
        "with reasoning 1",
        "no_think variants drawn 2",
        "no_think variants would be added 2",
    ]


@pytest.mark.parametrize("where", ["source = 'a: b'", "source = '[x'", "text like '%{a}%'"])
def test_a_condition_is_taken_as_it_is(root, capsys, where):
    variants([f"where={where}"], root)
    assert lines(capsys)[0] == "documents chosen 0"


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["source.sql", "seed.sql"], BadInput, "one query at a time, not 2: source.sql, seed.sql"),
        (["seed.sql"], BadInput, "parameter seed of query seed is a setting's name, too"),
        (["source.sql", "where=true"], BadInput, "query source chooses already"),
        (["no_thinks=1"], UnknownName, "did you mean 'no_think'?"),
        (["think=half"], BadConfig, "think"),
        (["think=1.5"], BadConfig, "think=1.5 is no share; give a number from 0 to 1"),
        (["toggles=nowhere"], BadInput, "toggles=nowhere is not a folder"),
        (["where=sorce = 's'"], lake.BadQuery, 'column "sorce" not found'),
    ],
)
def test_words_that_cannot_be_are_refused(root, words, error, message):
    before = lake.open(root).version()
    with pytest.raises(error, match=message):
        variants(words, root)
    assert lake.open(root).version() == before
