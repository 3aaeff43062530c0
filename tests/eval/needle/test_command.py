"""`kormo eval needle` on a real lake and a checkpoint of a model that copies."""

import json
import re
import shutil
import signal
import struct
import subprocess
import time

import pytest
from typer.testing import CliRunner

from kormo_ds.cli.eval import app
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.model import greedy
from tests.conftest import ENVIRONMENT

WORDS = ["lengths=160,600", "depths=0,100", "forms=single,multikey", "samples=2", "max_tokens=8"]


@pytest.fixture
def kormo(lk):
    def ask(*words):
        line = ["needle", *map(str, words), "--lake", lk.root]
        done = CliRunner().invoke(app, line, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return ask


def test_accuracy_by_length_and_depth_goes_into_the_lake_and_into_pictures(lk, copying, kormo):
    printed = kormo(copying, *WORDS, "threshold=0.7")
    assert "needles in held_out@1, run copier, step-000002, 32 questions" in printed
    assert re.search(r"^ko +[\d.]+ +[\d.]+$", printed, re.MULTILINE)

    select = "select checkpoint, task, lang, value, n_documents from evals where metric = "
    order = " order by lang, task"
    cells = lk.sql(f"{select}'needle_accuracy'{order}").fetchall()
    assert len(cells) == 2 * 2 * 2 * 2
    assert {(name, n) for name, *_, n in cells} == {("step-000002", 2)}
    values = {(task, lang): value for _, task, lang, value, _ in cells}
    for lang in ("ko", "en"):
        near = "needle single length=600 depth=100 held_out@1 seed=0"
        assert values[near, lang] == 1.0
        assert values[near.replace("depth=100", "depth=0"), lang] == 0.0
        assert values[near.replace("600", "160"), lang] == 1.0
    task = "needle threshold=0.7 held_out@1 seed=0"
    reach = lk.sql(f"{select}'needle_reach'{order}").fetchall()
    assert [row[1:3] for row in reach] == [(task, "en"), (task, "ko")]

    shown = lk.sql("select count(*) from evals where metric = 'needle_accuracy'").fetchall()
    assert shown == [(16,)]
    for lang in ("ko", "en"):
        image = (copying / "needle" / "step-000002" / f"{lang}.png").read_bytes()
        assert image[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", image[16:24])
        assert width > 300 and height > 150

    before = lk.version("evals")
    assert kormo(copying, *WORDS, "threshold=0.7") == printed
    assert lk.version("evals") == before, "what was said already is not said again"


def test_the_dashboard_places_the_cells(lk, copying, kormo):
    import lake
    from kormo_ds import project
    from lake import duck

    kormo(copying, *WORDS, "lang=ko")
    query = lake.Query.read(project.file("stat", "eval_heatmap", "sql/stats", ".sql"))
    rows = query.run(duck.connect(lk, mentioned=query.sql)).to_arrow_table().to_pylist()
    places = [(row["lang"], row["x"], row["y"], row["n_tasks"]) for row in rows]
    assert places == [("ko", x, y, 2) for x in (160, 600) for y in (0, 100)]


def test_another_checkpoint_is_asked_anew_and_the_same_one_is_not(copying, kormo, monkeypatch):
    calls = []
    real = greedy.greedy

    def counted(model, prompts, **more):
        calls.append(len(prompts))
        return real(model, prompts, **more)

    monkeypatch.setattr("kormo_ds.eval.needle.run.greedy", counted)
    short = ["lengths=160", "depths=50", "forms=single", "samples=2", "max_tokens=8", "lang=ko"]
    kormo(copying / "checkpoints" / "step-000001", *short)
    kormo(copying, *short)
    kormo(copying, *short)
    assert calls == [2, 2]
    kormo(copying, *short, "weights=init")
    assert len(calls) == 3
    assert {path.name for path in (copying / "needle").iterdir()} == {
        "step-000001",
        "step-000002",
        "init",
    }


def test_a_killed_test_goes_on(lk, copying):
    command = ["kormo", "eval", "needle", str(copying)]
    command += ["lengths=600", "depths=0,50,100", "samples=4", "max_tokens=8", "batch_tokens=600"]
    command += ["forms=single,multikey", "lang=ko"]
    command += ["--lake", lk.root]
    process = subprocess.Popen(command, env=ENVIRONMENT)

    def lines():
        return [line for file in copying.glob("needle/*/*.jsonl") for line in file.open()]

    while len(lines()) < 5:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = [line for line in lines() if line.endswith("\n")]
    assert 5 <= len(kept) < 24
    assert not lk.exists("evals")
    subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
    assert lines()[: len(kept)] == kept, "no answer was asked for again"
    names = [(tuple(a["cell"].values()), a["sample"]) for a in map(json.loads, lines())]
    assert len(names) == len(set(names)) == 24
    assert lk.sql("select count(*) from evals").fetchall() == [(3 * 2 + 1,)]


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["lengths=641"], BadInput, "lengths=641 is more than the model's 640 positions"),
        (["lengths=400", "forms=double"], UnknownName, "unknown form 'double'"),
        (["lengths=400", "lang=jp"], UnknownName, "unknown language of needles 'jp'"),
        (["lengths=640", "mixture=few"], BadInput, r"few@1 has 1 documents with lang = 'en', \d+"),
        (["lengths=four"], BadInput, "lengths=four: whole numbers with commas between"),
        (["lengths=97"], BadInput, "lengths=97 holds no text beside the"),
        ([], BadInput, "unknown sequences.*say how long its rows were"),
    ],
)
def test_what_cannot_be_asked(lk, copying, kormo, tmp_path, words, error, message):
    few = tmp_path / "few.sql"
    few.write_text(
        "-- One document of each language.\n-- One row per document.\n"
        "-- allow eval_overlap: they are never trained on\n"
        "select min(doc_id) as doc_id, lang as component, 1.0::double as repeats, lang as sort_key"
        "\n"
        "from documents\ngroup by lang\n"
    )
    import lake
    from kormo_ds import mixture

    mixture.run(lk, lake.Query.read(few), {})
    with pytest.raises(error, match=message):
        kormo(copying, *words)
    assert not lk.exists("evals")
    shutil.rmtree(copying)
