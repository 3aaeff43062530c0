"""Training end to end on a small lake: what is chosen, kept, refused, and left by a kill."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import fasttext
import pyarrow as pa
import pytest

import lake
from kormo_ds import classifier
from kormo_ds.classifier import Task, train
from kormo_ds.errors import BadConfig, BadInput, Damaged, UnknownName

ROOT = Path(__file__).parents[2]
TASK = Task("quality", "hq", "cc")
DOCS = "select doc_id from documents where source = 'docs'"


def counts(card, *kinds):
    return {kind: card.counts[f"n_{kind}"] for kind in kinds}


def split(lk, name="m"):
    return lk.sql(
        f'select split, label, count(*) from quality."{name}" group by all order by all'
    ).fetchall()


def test_a_model_and_its_card(lk, settings):
    trained = train(lk, TASK, "m", settings())
    card = trained.card
    assert not trained.was_there
    assert counts(card, "positives_asked", "positives_other_language", "positives_usable") == {
        "positives_asked": 220,
        "positives_other_language": 20,
        "positives_usable": 200,
    }
    assert counts(card, "both", "no_text", "held_out_seen") == dict.fromkeys(
        ["both", "no_text", "held_out_seen"], 0
    )
    n_train, n_held_out = (
        card.counts[f"n_positives_{part}"] + card.counts[f"n_negatives_{part}"]
        for part in ("train", "held_out")
    )
    assert (n_train + n_held_out, card.held_out["n"]) == (400, n_held_out)
    assert 20 <= n_held_out <= 60
    assert card.held_out["roc_auc"] == 1.0
    assert sum(row["n"] for row in card.held_out["reliability"]) == n_held_out
    assert len(card.edges) == 99 and card.edges == sorted(card.edges)
    assert (card.lang, card.n_edge_documents, card.documents_version) == ("ko", 400, 4)
    assert card.queries["positives"] == DOCS
    assert lk.tags() == {"quality-m": 4}

    folder = Path(lk.path("quality", "m"))
    assert sorted(path.name for path in folder.iterdir()) == [
        "card.json",
        "held_out.json",
        "model.bin",
        "rows.lance",
    ]
    assert json.loads((folder / "held_out.json").read_text()) == card.held_out
    labels, scores = fasttext.load_model(str(folder / "model.bin")).predict(["설명 자료"], k=1)
    assert labels == [["__label__hq"]] and scores[0][0] > 0.5


def test_the_measures_are_rows_of_evals(lk, settings):
    card = train(lk, TASK, "m", settings()).card
    rows = lk.sql(
        "select run, task, lang, metric, value, n_documents from evals order by metric"
    ).fetchall()
    assert rows == [
        ("quality/m", "quality", "ko", metric, card.held_out[metric], card.held_out["n"])
        for metric in ("average_precision", "ece", "f1", "precision", "recall", "roc_auc")
    ]


def test_the_documents_of_a_model_can_be_asked(lk, settings):
    card = train(lk, TASK, "m", settings()).card
    assert split(lk) == [
        ("held_out", "cc", card.counts["n_negatives_held_out"]),
        ("held_out", "hq", card.counts["n_positives_held_out"]),
        ("train", "cc", card.counts["n_negatives_train"]),
        ("train", "hq", card.counts["n_positives_train"]),
    ]
    (parted,) = lk.sql(
        "select min(score) filter (where label = 'hq') > max(score) filter (where label = 'cc') "
        'from quality."m"'
    ).fetchall()[0]
    assert parted


def test_the_same_training_gives_the_same_model(lk, settings):
    one, two = (train(lk, TASK, name, settings()).card for name in ("one", "two"))
    assert one.fingerprint == two.fingerprint
    other = train(lk, TASK, "three", settings(seed=1)).card
    assert other.fingerprint != one.fingerprint


def test_a_name_is_given_once(lk, settings):
    first = train(lk, TASK, "m", settings())
    lk.append("documents", pa.table({"doc_id": ["new"], "text": ["x"], "lang": ["ko"]}))
    again = train(lk, TASK, "m", settings())
    assert (again.was_there, again.card) == (True, first.card)
    assert lk.sql("select count(*) from evals").fetchall() == [(6,)]
    with pytest.raises(BadConfig) as error:
        train(lk, TASK, "m", settings(epoch=6))
    assert str(error.value) == (
        "quality model 'm' is there with epoch=5, not 6; choose another name"
    )


def test_classes_are_balanced_and_bounded(tmp_path, lake_of_rows, settings):
    rows = [
        {
            "doc_id": f"{i:03}",
            "text": f"{i} 글",
            "lang": "ko",
            "source": "docs" if i < 30 else "chat",
        }
        for i in range(130)
    ]
    lk = lake_of_rows(tmp_path / "lake", rows)
    given = {"held_out": 0.3}
    balanced = train(lk, TASK, "balanced", settings(**given))
    assert sum(row[2] for row in split(lk, "balanced") if row[1] == "cc") == 30
    assert balanced.card.counts["n_negatives_usable"] == 100
    train(lk, TASK, "all", settings(balance=False, **given))
    assert sum(row[2] for row in split(lk, "all") if row[1] == "cc") == 100
    train(lk, TASK, "few", settings(per_class=20, **given))
    assert sum(row[2] for row in split(lk, "few")) == 40
    chosen, more = (
        {row[0] for row in lk.sql(f'select doc_id from quality."{name}"').fetchall()}
        for name in ("few", "balanced")
    )
    assert chosen < more, "a smaller sample is part of a larger one"


def test_held_out_is_a_matter_of_the_id_and_children_follow(tmp_path, lake_of_rows, settings):
    rows = [
        {"doc_id": f"{i:03}", "text": f"글 {i}", "lang": "ko", "source": ("docs", "chat")[i % 2]}
        for i in range(60)
    ]
    rows += [
        row
        | {
            "doc_id": f"child-{row['doc_id']}",
            "parent_id": row["doc_id"],
            "text": "자식 " + row["text"],
        }
        for row in rows
    ]
    lk = lake_of_rows(tmp_path / "lake", rows)
    for name, seed in (("a", 1), ("b", 2)):
        train(lk, TASK, name, settings(seed=seed, held_out=0.3))
    parts = [
        dict(lk.sql(f'select doc_id, split from quality."{name}"').fetchall()) for name in "ab"
    ]
    assert parts[0] == parts[1]
    assert all(parts[0][f"child-{i:03}"] == parts[0][f"{i:03}"] for i in range(60))
    import hashlib

    for doc_id, part in parts[0].items():
        share = int(hashlib.md5(doc_id.removeprefix("child-").encode()).hexdigest()[:12], 16)
        assert (part == "held_out") == (share / 16**12 < 0.3)


def test_a_held_out_text_that_is_trained_on_does_not_count(tmp_path, lake_of_rows, settings):
    rows = [
        {
            "doc_id": f"{i:03}",
            "text": f"글 {i // 4}",
            "lang": "ko",
            "source": ("docs", "chat")[i % 2],
        }
        for i in range(200)
    ]
    rows += [{"doc_id": f"empty{i}", "text": " ", "lang": "ko", "source": "docs"} for i in range(5)]
    lk = lake_of_rows(tmp_path / "lake", rows)
    card = train(lk, TASK, "m", settings(held_out=0.4, balance=False)).card
    by_split = {
        part: n
        for part, n in lk.sql('select split, count(*) from quality."m" group by all').fetchall()
    }
    assert card.counts["n_no_text"] == 5
    assert card.counts["n_held_out_seen"] > 0
    assert by_split["left_out"] == card.counts["n_held_out_seen"] + 5
    assert card.held_out["n"] == by_split["held_out"]


def test_documents_in_both_classes(lk, settings):
    both = "select doc_id from documents where doc_id <= 'ko-docs-0004' and lang = 'ko'"
    with pytest.raises(BadInput) as error:
        train(lk, TASK, "m", settings(negatives=both))
    assert str(error.value) == (
        "5 documents are in both classes, first 'ko-docs-0000'; take them out of one query "
        "(… where doc_id not in (select …)), or leave them out of both with overlap=drop"
    )
    card = train(lk, TASK, "m", settings(negatives=both, overlap="drop")).card
    assert counts(card, "both", "positives_usable", "negatives_usable") == {
        "both": 5,
        "positives_usable": 195,
        "negatives_usable": 200,
    }


def test_a_recorded_mixture_is_a_query(lk, settings):
    rows = lk.sql(f"{DOCS} and lang = 'ko' order by doc_id").fetchall()
    ids = [row[0] for row in rows] + ["gone"]
    selection = {"doc_id": ids, "component": ["a"] * 201, "repeats": [1.0] * 201, "sort_key": ids}
    lk.write("mixtures/good@1", pa.table(selection))
    row = dict.fromkeys(lk.schema("mixtures").names) | {
        "mixture": "good",
        "version": 1,
        "documents_version": 4,
        "n_documents": 201,
        "digest": "d",
    }
    lk.append("mixtures", pa.Table.from_pylist([row], schema=lk.schema("mixtures")))
    card = train(lk, TASK, "m", settings(positives="good")).card
    assert card.queries["positives"] == 'select doc_id from mixtures."good@1"'
    assert counts(card, "positives_asked", "positives_unknown", "positives_usable") == {
        "positives_asked": 201,
        "positives_unknown": 1,
        "positives_usable": 200,
    }
    by_sql = train(lk, TASK, "sql", settings()).card
    assert by_sql.fingerprint == card.fingerprint


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"lang": ""}, BadConfig, "lang=… is missing"),
        ({"positives": ""}, BadConfig, "positives=… is missing"),
        ({"held_out": 1.0}, BadConfig, "held_out=1.0 cannot be used; give a share between 0 and 1"),
        ({"threshold": 2.0}, BadConfig, "threshold=2.0 cannot be used"),
        ({"overlap": "keep"}, BadConfig, "overlap=keep cannot be used; give refuse or drop"),
        ({"epoch": 0}, BadConfig, "epoch=0 cannot be used; give 1 or more"),
        ({"bucket": 2**31}, BadConfig, "bucket=2147483648 cannot be used"),
        ({"lang_column": "source"}, BadConfig, "lang_column=source cannot be used"),
        ({"lang": "fr"}, BadInput, "positives: 0 fr documents, fewer than min_documents=10"),
        (
            {"min_documents": 201},
            BadInput,
            "positives: 200 ko documents, fewer than min_documents=201; widen the query, or lower "
            "it (the query names 220 documents)",
        ),
        ({"held_out": 0.0001}, BadInput, "held_out=0.0001 leaves no document of the positives for"),
        ({"positives": "nope@3"}, UnknownName, "unknown recorded mixture 'nope@3'"),
        (
            {"positives": "select source from documents"},
            BadInput,
            "positives return source; select",
        ),
        ({"positives": "select doc_id from documentz"}, lake.BadQuery, "documentz"),
        ({"negatives": "drop table documents"}, lake.BadQuery, "only a select can be asked"),
        ({"negatives": "select 1; select 2"}, lake.BadQuery, "one select is asked for, not 2"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_what_cannot_be_trained_is_refused(lk, settings, given, error, message):
    with pytest.raises(error) as raised:
        train(lk, TASK, "m", settings(**given))
    assert message in str(raised.value)
    assert classifier.names(lk, "quality") == []


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a.b", "a b"])
def test_a_name_that_is_no_folder(lk, settings, name):
    with pytest.raises(BadInput, match="cannot name a model"):
        train(lk, TASK, name, settings())


def test_documents_without_clean_text(tmp_path, settings):
    lk = lake.create(tmp_path / "raw")
    lk.append(
        "documents",
        pa.table(
            {
                "doc_id": [str(i) for i in range(40)],
                "text": ["x"] * 40,
                "lang": ["ko"] * 40,
                "source": ["docs", "chat"] * 20,
            }
        ),
    )
    with pytest.raises(BadInput, match="no text_clean yet; write it with: kormo step run clean"):
        train(lk, TASK, "m", settings(held_out=0.5))


def test_a_model_that_was_changed_or_lost(lk, settings):
    train(lk, TASK, "m", settings())
    folder = Path(lk.path("quality", "m"))
    with pytest.raises(
        UnknownName, match="unknown quality model 'n'; known: m; train it with: kormo qu"
    ):
        classifier.card(lk, "quality", "n")
    model = folder / "model.bin"
    model.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(Damaged, match="is not the file that its card describes"):
        classifier.scorer(str(folder))
    model.unlink()
    with pytest.raises(Damaged, match="has a card and no model.bin"):
        classifier.scorer(str(folder))
    (folder / "card.json").write_text("{}")
    with pytest.raises(Damaged, match="card.json cannot be read"):
        classifier.card(lk, "quality", "m")


@pytest.mark.parametrize("before", ["rows", "model.bin", "held_out.json", "card.json", "evals"])
def test_a_killed_training_leaves_the_name_free(lk, settings, before, tmp_path):
    script = f"""
import os, signal
import lake
from kormo_ds.classifier import Settings, Task, train
from lake import Lake

def dying(method, name_of):
    def call(self, *given):
        if name_of(given).endswith({before!r}):
            os.kill(os.getpid(), signal.SIGKILL)
        return method(self, *given)
    return call

Lake.write = dying(Lake.write, lambda given: given[0])
Lake.append = dying(Lake.append, lambda given: given[0])
Lake.write_bytes = dying(Lake.write_bytes, lambda given: given[-1])
train(lake.open({lk.root!r}), Task("quality", "hq", "cc"), "m", Settings(**{vars(settings())!r}))
"""
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=120)
    assert ran.returncode == -signal.SIGKILL
    is_whole = before == "evals"
    assert classifier.names(lk, "quality") == (["m"] if is_whole else [])
    again = train(lk, TASK, "m", settings())
    assert again.was_there == is_whole
    assert lk.sql("select count(*) from evals").fetchall() == [(6,)]
    assert lk.tags() == {"quality-m": 4}
    assert sorted(os.listdir(lk.path("quality", "m"))) == [
        "card.json",
        "held_out.json",
        "model.bin",
        "rows.lance",
    ]


def test_fasttext_ends_with_its_parent(lk, settings, tmp_path):
    """A training that is killed while fastText works leaves neither a model nor a process."""
    import time

    long = settings(epoch=10**6)
    script = f"""
import lake
from kormo_ds.classifier import Settings, Task, train
train(lake.open({lk.root!r}), Task("quality", "hq", "cc"), "m", Settings(**{vars(long)!r}))
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)}
    )

    def children():
        found = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(parent.pid)],
            capture_output=True,
            text=True,
        ).stdout
        return [line.split()[0] for line in found.splitlines() if "fasttext_process" in line]

    try:
        end = time.monotonic() + 60
        while not (child := children()) and time.monotonic() < end:
            time.sleep(0.1)
        assert child
        time.sleep(1)
        parent.send_signal(signal.SIGKILL)
        parent.wait(30)
        while Path(f"/proc/{child[0]}").exists() and time.monotonic() < end:
            time.sleep(0.1)
        assert not Path(f"/proc/{child[0]}").exists()
    finally:
        parent.kill()
    assert classifier.names(lk, "quality") == []
    assert not train(lk, TASK, "m", settings()).was_there
