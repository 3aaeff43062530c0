"""metrics.jsonl has each step once, also when a run goes on from an earlier checkpoint."""

import json

from kormo_ds.compose import load_run
from kormo_ds.train.metrics import Metrics

WORDS = ["train.steps=5", "log.wandb=disabled"]


def line(step, loss):
    return {"step": step, "loss": loss, "lr": 1.0, "grad_norm": 1.0, "tokens_per_s": 1.0}


def test_steps_after_the_checkpoint_are_cut_and_a_torn_line_too(tmp_path):
    run = load_run("smoke", [*WORDS, f"folder={tmp_path}"])
    run.path.mkdir()
    metrics = Metrics(run, "id", 0)
    for step in range(4):
        metrics.write(line(step, 1.0))
    metrics.close()
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    resumed = Metrics(run, "id", 2)
    for step in (2, 3, 4):
        resumed.write(line(step, 2.0))
    resumed.close()
    written = [json.loads(text) for text in (run.path / "metrics.jsonl").read_text().splitlines()]
    assert [(one["step"], one["loss"]) for one in written] == [
        (0, 1.0),
        (1, 1.0),
        (2, 2.0),
        (3, 2.0),
        (4, 2.0),
    ]


def test_a_log_gets_the_first_and_the_last_step_as_lines(tmp_path, capsys):
    run = load_run("smoke", [*WORDS, f"folder={tmp_path}"])
    run.path.mkdir()
    metrics = Metrics(run, "id", 0)
    for step in range(5):
        metrics.write(line(step, 1.5))
    metrics.close()
    assert capsys.readouterr().err.splitlines() == [
        "step 1 of 5  loss 1.5000  lr 1.00e+00  grad 1.00  1 tokens/s",
        "step 5 of 5  loss 1.5000  lr 1.00e+00  grad 1.00  1 tokens/s",
    ]


def test_wandb_offline_keeps_the_id_of_the_run(tmp_path):
    run = load_run("smoke", ["train.steps=1", "log.wandb=offline", f"folder={tmp_path}"])
    run.path.mkdir()
    for session in range(2):
        metrics = Metrics(run, "abcd1234", 0)
        metrics.write(line(0, float(session)))
        metrics.close()
    files = list(run.path.glob("wandb/offline-run-*/run-abcd1234.wandb"))
    assert len(files) == 2
