"""Tasks in a run: the same scores on one rank as on two, at ZeRO 0 and 3, and without a trace.

Five and four requests of different lengths on two ranks: one has fewer batches than the other, and
generations end at different steps, so ranks that did not wait for each other would hang here.
"""

import json
from dataclasses import asdict

import pytest

import lake
from kormo_ds.cli.eval_collect import collect
from kormo_ds.config import EvaluationConfig
from kormo_ds.errors import BadConfig, BadInput
from tests.harness.conftest import tokenizer_of
from tests.harness.data import FILES

STAGES = [0, 3]
TASKS = "kobest_boolq,kobest_hellaswag,gsm8k"
WORDS = ("model.vocab_size=384", "model.max_positions=512", "train.steps=4", "log.wandb=disabled")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tasks")
    for name in ("kobest_boolq_dev", "kobest_hellaswag_dev", "gsm8k_test"):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in FILES[name])
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def words(files, write_rows, tmp_path_factory):
    folder = write_rows(tmp_path_factory.mktemp("rows") / "text", 29, "text" * 16)
    texts = [json.dumps(row, ensure_ascii=False) for rows in FILES.values() for row in rows]
    (folder / "tokenizer.json").write_bytes(tokenizer_of(texts))
    asked = (f"tasks='{TASKS}'", f"data={files}", "every=2", "num_fewshot=0", "batch_tokens=64")
    return (*WORDS, f"data.sequences={folder}"), tuple(f"evaluation.{word}" for word in asked)


@pytest.fixture(scope="module")
def runs(job, words):
    plain, asked = words
    cases = [
        job.case(f"{kind}-{stage}", stage, *plain, *more)
        for stage in STAGES
        for kind, more in (("asked", asked), ("silent", ()))
    ]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * len(cases)] * 2), output
    codes, errors, output = job.run(job.case("asked-alone", 3, *plain, *asked), world=1)
    assert (codes, errors) == ([0], [[None]]), output
    return job


def lines(job, name):
    return [json.loads(line) for line in (job.folder / name / "evaluation.jsonl").open()]


@pytest.mark.parametrize("stage", STAGES)
def test_training_goes_on_to_the_bit_as_if_nothing_had_been_asked(runs, stage):
    assert runs.losses(f"asked-{stage}") == runs.losses(f"silent-{stage}")
    assert runs.weights(f"asked-{stage}", 4) == runs.weights(f"silent-{stage}", 4)


def scores(line):
    found = {(s["task"], s["metric"]): s["value"] for s in line["scores"]}
    return found | {s["task"]: s["n"] for s in line["scores"]}


@pytest.mark.parametrize("stage", STAGES)
def test_scores_come_every_so_many_steps_into_both_files(runs, stage):
    found = lines(runs, f"asked-{stage}")
    assert [line["step"] for line in found] == [1, 3]
    for line in found:
        values = runs.metrics(f"asked-{stage}")[line["step"]]
        assert {s["key"]: s["value"] for s in line["scores"]}.items() <= values.items()
        assert "kobest_boolq (0-shot, local data, first 200)" in {s["task"] for s in line["scores"]}
        assert {s["lang"] for s in line["scores"]} == {"ko", "en"}
    assert not any(key.startswith("eval/") for key in runs.metrics(f"asked-{stage}")[0])


def test_one_rank_finds_what_two_do(runs):
    """The first evaluation: later ones see weights whose last digits differ."""
    alone, pair = lines(runs, "asked-alone")[0], lines(runs, "asked-3")[0]
    assert scores(alone) == pytest.approx(scores(pair), abs=1e-6)


def test_scores_are_those_of_the_checkpoint_by_itself(runs, files, monkeypatch):
    from kormo_ds.cli.eval_tasks import Settings, planned, run
    from kormo_ds.eval import checkpoint

    monkeypatch.setattr("kormo_ds.eval.harness.adapter.MAX_NEW_TOKENS", 8)
    settings = Settings(tasks=TASKS, data=str(files), limit=200, num_fewshot=0)
    asked = checkpoint.read(runs.checkpoint("asked-3", 4))
    found = run(asked, settings, planned(settings)).numbers
    wanted = scores(lines(runs, "asked-3")[-1])
    assert {(str(n.protocol), n.metric): n.value for n in found}.items() <= wanted.items()
    assert len(found) == 7


def test_what_a_run_found_is_collected_once(runs, tmp_path, capsys):
    lk = lake.create(str(tmp_path / "lake"))
    for _ in range(2):
        collect(str(runs.folder / "asked-3"), lake=lk.root)
    assert [line.split(" in ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "14 new numbers of 14",
        "0 new numbers of 14",
    ]
    rows = lk.sql("select checkpoint, count(*) from evals group by all order by all").fetchall()
    assert rows == [("step-000002", 7), ("step-000004", 7)]
    with pytest.raises(BadInput, match="has no evaluation; set evaluation.tasks="):
        collect(str(runs.folder / "silent-3"), lake=lk.root)


def test_what_cannot_be_asked_is_refused_on_every_rank(job, words, files):
    plain, asked = words
    cases = [
        job.case(f"refused-{n}", 3, *plain, *asked, f"evaluation.tasks={tasks}")
        for n, tasks in enumerate(("humaneval", "kobest_boolq,piqa"))
    ]
    _, errors, _ = job.run(*cases)
    assert errors[0] == errors[1]
    assert "evaluation.tasks cannot be asked: humaneval: " in errors[0][0]
    assert "evaluation.tasks cannot be asked: piqa: its file piqa_validation.jsonl" in errors[0][1]


@pytest.mark.parametrize("wrong", [{"every": 0}, {"limit": 0}, {"num_fewshot": -1}])
def test_settings_that_cannot_be(wrong):
    [name] = wrong
    with pytest.raises(BadConfig, match=f"evaluation.{name} = "):
        EvaluationConfig(**(asdict(EvaluationConfig()) | wrong))
