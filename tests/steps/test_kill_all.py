"""All steps, killed ten times at random moments: those that need no model, then the others."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import lake
from kormo_ds.cli.step import chosen
from kormo_ds.steps import STEPS
from kormo_ds.steps.run import run

ROOT = Path(__file__).parents[2]
MODELS = {
    "n_tokens": "n_tokens.tokenizer={tokenizer}",
    "n_chat_tokens": "n_chat_tokens.tokenizer={tokenizer}",
    "perplexity": "perplexity.model=web",
    "quality": "quality.models=good",
    "toxicity": "toxicity.models=bad",
    "contamination": "contamination.sets=quiz",
}
"""Steps of models, tokenizers or evaluation sets, and the setting that names theirs."""
CLASSES = (
    "lang=ko positives=\"select doc_id from documents where source = 'one'\" "
    "negatives=\"select doc_id from documents where source = 'two'\" "
    "min_documents=20 bucket=1024 epoch=2"
)
TRAINING = (
    "kormo step run clean",
    f"kormo quality train good {CLASSES}",
    f"kormo toxicity train bad {CLASSES}",
    "kormo perplexity train web lang=ko query='select doc_id, lang, text_clean from documents'",
    "kormo evals add quiz quiz.jsonl text=question id=id lang=ko",
)
# Slow commits of one fragment, so that kills fall before, in and after them.
WORK = """
import sys, time
import lake, lake.fill
from kormo_ds.cli.step import chosen
from kormo_ds.steps.run import run
commit, fill = lake.fill._commit, lake.Lake.fill
def slow(*given):
    time.sleep(0.03)
    done = commit(*given)
    print("committed", flush=True)
    time.sleep(0.03)
    return done
lake.fill._commit = slow
lake.Lake.fill = lambda self, *given, **more: fill(self, *given, commit_every=1, **more)
run(lake.open(sys.argv[1]), chosen(sys.argv[2:]))
"""
N_FRAGMENTS, N_ROWS = 60, 12
WORDS = ["모델을", "학습하는", "데이터를", "the", "model", "2024년", "‘인용’", "&amp;", "a@b.kr"]
WORDS += ["010-1234-5678", "ㅋㅋㅋ", "조회 12", "#42", "…", "it", "is\n"]


def made(root):
    """A lake of many fragments in two languages, the same every time."""
    lk = lake.create(root)
    choice = np.random.default_rng(3)
    for fragment in range(N_FRAGMENTS):
        texts = ["".join(f"{w} " for w in choice.choice(WORDS, 120)) for _ in range(N_ROWS)]
        columns = {
            "doc_id": [f"{fragment}-{row}" for row in range(N_ROWS)],
            "text": texts,
            "lang": ["ko", "en"] * (N_ROWS // 2),
            "source": ["one", "one", "two", "two"] * (N_ROWS // 4),
            "url": ["https://example.org/a", None] * (N_ROWS // 2),
            "origin": ["crawled", "curated", "crawled"] * (N_ROWS // 3),
        }
        lk.append("documents", pa.table(columns))
    return lk


@pytest.fixture
def without_models(tmp_path):
    """Two equal lakes and the words of `kormo step run`."""
    words = [name for name in STEPS if name not in MODELS]
    return made(tmp_path / "alone"), made(tmp_path / "killed"), words


@pytest.fixture
def with_models(tmp_path, run, tokenizer_file):
    """The same, with a model of each kind."""
    alone = made(tmp_path / "alone")
    item = {"id": "1", "question": " ".join(WORDS[:5])}
    (tmp_path / "quiz.jsonl").write_text(json.dumps(item) + "\n")
    for command in TRAINING:
        done = run(["bash", "-c", f"{command} --lake {alone.root}"], tmp_path)
        assert done.returncode == 0, done.stderr
    shutil.copytree(tmp_path / "alone", tmp_path / "killed")
    settings = [word.format(tokenizer=tokenizer_file) for word in MODELS.values()]
    return alone, lake.open(tmp_path / "killed"), [*MODELS, *settings]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lakes", ["without_models", "with_models"])
def test_killed_ten_times(lakes, request):
    alone, killed, words = request.getfixturevalue(lakes)
    steps = [step.at(alone) for step in chosen(words)]
    run(alone, chosen(words))
    last = steps[-1].writes[-1].name
    moment, states = np.random.default_rng(int(time.time())), []
    for _ in range(10):
        command = [sys.executable, "-c", WORK, killed.root, *words]
        job = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert job.stdout.readline() == b"committed\n"
        time.sleep(moment.uniform(0.0, 0.3))
        assert job.poll() is None, "it was killed before it ended"
        os.kill(job.pid, signal.SIGKILL)
        job.wait()
        names = killed.dataset().schema.names
        states.append(killed.dataset().count_rows(f"{last} is not null") if last in names else 0)
    assert len(set(states)) > 2, f"kills fell at different moments, not {states}"
    assert states == sorted(states) and states[-1] < N_FRAGMENTS * N_ROWS
    run(killed, chosen(words))
    expected, found = (lk.dataset().to_table() for lk in (alone, killed))
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.equals(expected)
    for step in steps:
        for column in step.writes:
            assert found[column.name].null_count == 0, column.name
