"""`quality` and `toxicity`: scores, percentiles and reasons by models of a lake."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import lake
from kormo_ds.classifier import Settings, Task, scorer, train
from kormo_ds.cli.step import chosen
from kormo_ds.errors import BadConfig, UnknownName
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.quality import Quality
from kormo_ds.steps.run import run
from kormo_ds.steps.toxicity import Toxicity

ROOT = Path(__file__).parents[2]
WORDS = {
    "docs": ["설명", "자료", "정리", "근거", "목차", "the", "of", "그", "이"],
    "chat": ["ㅋㅋ", "대박", "헐", "노잼", "진짜", "lol", "omg", "그", "이"],
}
N_FRAGMENTS, N_ROWS = 12, 20


def made(root) -> lake.Lake:
    """Korean and English documents in many fragments, half of each source, and a French one."""
    lk = lake.create(root)
    draw = np.random.default_rng(5)
    for fragment in range(N_FRAGMENTS):
        rows = []
        for i in range(N_ROWS):
            source = ("docs", "chat")[i % 2]
            text = " ".join(draw.choice(WORDS[source], 25))
            lang = "ko" if fragment % 3 else "en"
            rows.append((f"{fragment:02}-{i:02}", text, lang, source))
        ids, texts, langs, sources = zip(*rows, strict=True)
        lk.append(
            "documents",
            pa.table(
                {
                    "doc_id": list(ids),
                    "text": list(texts),
                    "lang": list(langs),
                    "source": list(sources),
                }
            ),
        )
    lk.append(
        "documents",
        pa.table({"doc_id": ["fr", "null"], "text": ["bonjour", "ㅋㅋ"], "lang": ["fr", None]}),
    )
    run(lk, [Clean()])
    return lk


def model(lk, name, lang="ko", task="quality", **settings):
    given = {
        "lang": lang,
        "positives": "select doc_id from documents where source = 'docs'",
        "negatives": "select doc_id from documents where source = 'chat'",
        "min_documents": 10,
        "bucket": 256,
        "dim": 4,
        "lr": 1.0,
    }
    labels = ("hq", "cc") if task == "quality" else ("toxic", "neutral")
    return train(lk, Task(task, *labels), name, Settings(**(given | settings))).card


@pytest.fixture(scope="module")
def lk(tmp_path_factory):
    lk = made(tmp_path_factory.mktemp("classified") / "lake")
    model(lk, "ko")
    model(lk, "ko2", seed=7, epoch=9)
    model(lk, "en", lang="en")
    model(
        lk,
        "rude",
        task="toxicity",
        positives="select doc_id from documents where source='chat'",
        negatives="select doc_id from documents where source='docs'",
    )
    return lk


def batch(texts, langs, column="lang"):
    return pa.RecordBatch.from_pydict(
        {"text_clean": pa.array(texts, pa.string()), column: pa.array(langs, pa.string())}
    )


def test_score_bin_and_reason_are_those_of_the_model(lk):
    step = Quality(models="ko,en", min_bin=50).at(lk)
    texts = ["설명 자료", "ㅋㅋ 헐", "the of", "bonjour", ""]
    langs = ["ko", "ko", "en", "fr", None]
    found = step(batch(texts, langs))
    assert found.schema.names == ["quality", "quality_bin", "quality_reason"]
    scorers = {lang: scorer(lk.path("quality", lang)) for lang in ("ko", "en")}
    for row, text, lang in zip(found.to_pylist(), texts, langs, strict=True):
        if lang not in scorers:
            assert row == {"quality": -1.0, "quality_bin": -1, "quality_reason": "kept"}
            continue
        scores, bins = scorers[lang].score(pa.array([text]))
        assert (row["quality"], row["quality_bin"]) == (float(scores[0]), int(bins[0]))
        assert row["quality_reason"] == ("kept" if row["quality_bin"] >= 50 else "low_quality")
    assert found["quality_reason"].to_pylist()[:2] == ["kept", "low_quality"]
    assert step(batch([], [])).num_rows == 0


def test_all_are_kept_by_default(lk):
    found = Quality(models="ko").at(lk)(batch(["ㅋㅋ 헐", "x"], ["ko", "en"]))
    assert found["quality_reason"].to_pylist() == ["kept", "kept"]


def test_the_detected_language_can_decide(lk):
    step = Quality(models="ko", lang_column="lang_detected").at(lk)
    assert step.reads == ("text_clean", "lang_detected")
    assert Quality(models="ko").reads == Quality.reads == ("text_clean", "lang")
    found = step(batch(["설명", "설명"], ["ko", "en"], "lang_detected"))
    assert [score >= 0 for score in found["quality"].to_pylist()] == [True, False]


def test_toxicity_has_a_threshold_on_the_score(lk):
    texts = ["ㅋㅋ 헐 대박", "설명 자료"]
    kept = Toxicity(models="rude").at(lk)(batch(texts, ["ko", "ko"]))
    assert kept["toxicity_reason"].to_pylist() == ["kept", "kept"]
    found = Toxicity(models="rude", max_score=0.5).at(lk)(batch(texts, ["ko", "ko"]))
    assert found["toxicity_reason"].to_pylist() == ["high_toxicity", "kept"]
    high, low = found["toxicity"].to_pylist()
    assert low < 0.5 < high


def test_a_label_names_the_columns_of_another_version(tmp_path):
    lk = made(tmp_path / "lake")
    model(lk, "v1")
    model(lk, "v2", epoch=9)
    run(lk, chosen(["quality", "quality.models=v1"]))
    run(lk, chosen(["quality", "quality.models=v2", "quality.label=v2", "quality.min_bin=10"]))
    names = [name for name in lk.schema().names if name.startswith("quality")]
    assert names == [
        "quality",
        "quality_bin",
        "quality_reason",
        "quality_v2",
        "quality_bin_v2",
        "quality_v2_reason",
    ]
    rows = lk.sql(
        "select step, reason, count(*) from document_reasons group by all order by all"
    ).fetchall()
    assert [row[0] for row in rows] == ["quality", "quality_v2", "quality_v2"]
    with pytest.raises(lake.ColumnTaken, match="with other settings"):
        run(lk, chosen(["quality", "quality.models=v2"]))


def test_the_fingerprint_is_of_the_models_not_of_their_names(lk, tmp_path):
    import shutil

    copy = shutil.copytree(lk.path("quality", "ko"), tmp_path / "other")
    first = Quality(models="ko").at(lk)
    assert Quality(models=str(copy)).at(lk).fingerprint == first.fingerprint
    assert Quality(models="ko2").at(lk).fingerprint != first.fingerprint
    assert Quality(models="ko,en").at(lk).fingerprint != first.fingerprint
    assert Quality(models="ko", min_bin=1).at(lk).fingerprint != first.fingerprint
    assert (
        Quality(models=" ko , en ").at(lk).fingerprint == Quality(models="en,ko").at(lk).fingerprint
    )


def test_threads_give_what_one_gives(lk):
    step = Quality(models="ko,en").at(lk)
    draw = np.random.default_rng(1)
    every = [*WORDS["docs"], *WORDS["chat"]]
    batches = [
        batch([" ".join(draw.choice(every, 200)) for _ in range(50)], ["ko", "en"] * 25)
        for _ in range(40)
    ]
    alone = [step(each) for each in batches]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(step, batches)) == alone


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (lambda: Quality(), BadConfig, "quality needs a model: quality.models=NAME"),
        (
            lambda: Quality(models="ko3"),
            UnknownName,
            "unknown quality model 'ko3'; did you mean 'ko'",
        ),
        (lambda: Quality(models="rude"), UnknownName, "unknown quality model 'rude'"),
        (lambda: Quality(models="ko,ko2"), BadConfig, "names two models of 'ko', ko and ko2"),
        (lambda: Quality(min_bin=100), BadConfig, "quality.min_bin=100 is no percentile"),
        (lambda: Quality(label="v 2"), BadConfig, "quality.label=v 2 cannot end a column's name"),
        (lambda: Quality(lang_column="x"), BadConfig, "quality.lang_column=x says no language"),
        (lambda: Toxicity(max_score=1.1), BadConfig, "toxicity.max_score=1.1 is no probability"),
    ],
)
def test_what_cannot_be_used(lk, step, error, message):
    with pytest.raises(error) as raised:
        step().at(lk)
    assert message in str(raised.value)


DYING = """
import os, signal, sys
import lake, lake.fill
from kormo_ds.steps.quality import Quality
from kormo_ds.steps.run import run

commit = lake.fill._commit

def dying_commit(*given):
    commit(*given)
    os.kill(os.getpid(), signal.SIGKILL)

lake.fill._commit = dying_commit
run(lake.open(sys.argv[1]), [Quality(models="ko", min_bin=50)])
"""


def test_killed_and_run_again(tmp_path):
    left_alone, killed = made(tmp_path / "alone"), made(tmp_path / "killed")
    for each in (left_alone, killed):
        model(each, "ko")
    run(left_alone, [Quality(models="ko", min_bin=50)])
    died = subprocess.run([sys.executable, "-c", DYING, killed.root], cwd=ROOT, timeout=120)
    assert died.returncode == -signal.SIGKILL
    n = killed.dataset().count_rows()
    n_computed = killed.dataset().count_rows("quality_reason is not null")
    assert 0 < n_computed < n
    again = run(killed, [Quality(models="ko", min_bin=50)])
    assert (again.rows, again.rows_before) == (n - n_computed, n_computed)
    expected, found = (each.dataset().to_table() for each in (left_alone, killed))
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.equals(expected)
    assert set(found["quality_reason"].to_pylist()) == {"kept", "low_quality"}
