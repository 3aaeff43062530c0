"""Numbers of a step, against the rows themselves, on two real ranks; names; traces."""

import gzip
import json

import numpy as np
import pytest

from kormo_ds import sequences as tables
from kormo_ds.compose import load_run
from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadConfig
from kormo_ds.model import Batch
from kormo_ds.train import flops, names
from kormo_ds.train.batches import plan
from kormo_ds.train.data import Reader
from kormo_ds.train.metrics import Metrics
from kormo_ds.train.throughput import Work, numbers

NUMBERS = {
    "step": int,
    "loss": float,
    "lr": float,
    "grad_norm": float,
    "tokens": int,
    "epoch": float,
    "seconds": float,
    "data_wait_s": float,
    "tokens_per_s": float,
    "tokens_per_s_device": float,
    "document_tokens_per_s": float,
    "document_tokens_per_s_device": float,
    "pack_fill_pct": float,
    "tflops": float,
    "tflops_device": float,
    "data_wait_max_s": float,
    "data_wait_pct": float,
    "eta_h": float,
    "rss_gib": float,
    "mfu_palm": float,
    "mfu_documents": float,
    "loss_score": type(None),
    "grad_norm_score": type(None),
    "step_skipped": int,
}


@pytest.fixture(scope="module")
def trained(job):
    cases = [
        job.case("metered", 3),
        job.case("traced", 3, "log.profile=2-3"),
        job.case("late", 3, "log.profile=5-9"),
    ]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * 3] * 2), output
    job.output = output
    return job


def work_by_document(table, rows):
    """Counted from what each piece says of itself."""
    pieces = [piece for row in rows for piece in table.pieces(row) if piece.doc_id]
    sizes = [piece.end - piece.start for piece in pieces]
    return sum(sizes), sum(size * size for size in sizes)


def test_every_line_has_every_number(trained):
    for line in trained.metrics("metered"):
        assert {name: type(value) for name, value in line.items()} == NUMBERS


def test_numbers_are_those_of_the_rows(trained):
    run = load_run("smoke", trained.case("metered", 3)["words"])
    table = tables.open(run.data.sequences)
    reader = Reader(table, run.seed, plan(run.train, table.length, 1), 0)
    for line in trained.metrics("metered"):
        seconds = line["seconds"]
        n_tokens, n_squares = work_by_document(table, reader.rows(line["step"]).reshape(-1))
        palm = flops.palm(run.model, 256, 32)
        masked = flops.documents(run.model, n_tokens, n_squares)
        assert n_tokens < 256
        wanted = {
            "tokens_per_s": 256 / seconds,
            "tokens_per_s_device": 128 / seconds,
            "document_tokens_per_s": n_tokens / seconds,
            "document_tokens_per_s_device": n_tokens / seconds / 2,
            "pack_fill_pct": 100 * n_tokens / 256,
            "tflops": palm / seconds / 1e12,
            "tflops_device": palm / seconds / 2e12,
            "data_wait_pct": 100 * line["data_wait_max_s"] / seconds,
            "mfu_documents": line["mfu_palm"] * masked / palm,
        }
        assert {name: line[name] for name in wanted} == pytest.approx(wanted, rel=1e-12)
        assert line["data_wait_s"] <= line["data_wait_max_s"] < seconds
    peaks = {line["tflops"] / line["mfu_palm"] for line in trained.metrics("metered")}
    assert max(peaks) == pytest.approx(min(peaks)) and min(peaks) > 2e-4
    assert trained.metrics("metered")[-1]["eta_h"] == 0


def test_checkpoints_have_seconds_and_bytes(trained):
    folder = trained.folder / "metered"
    lines = [json.loads(line) for line in (folder / "checkpoints.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 3, 5]
    for line in lines:
        written = (folder / "checkpoints" / f"step-{line['step'] + 1:06d}").rglob("*")
        files = [path for path in written if path.is_file() and path.name != "manifest.json"]
        assert line["checkpoint_bytes"] == sum(path.stat().st_size for path in files)
        assert line["checkpoint_save_s"] > 0


def test_a_trace_is_written_and_changes_no_bit(trained):
    folder = trained.folder / "traced" / "profile"
    assert sorted(path.name for path in folder.iterdir()) == ["steps-2-3.json.gz", "steps-2-3.txt"]
    with gzip.open(folder / "steps-2-3.json.gz") as file:
        seen = {event["name"] for event in json.load(file)["traceEvents"]}
    assert {"aten::mm", "aten::embedding"} <= seen
    assert "Self CPU" in (folder / "steps-2-3.txt").read_text()
    assert f"trace of 2 steps: {folder / 'steps-2-3.json.gz'}" in trained.output
    late = trained.folder / "late" / "profile"
    assert (late / "steps-5-5.json.gz").exists()
    assert trained.losses("traced") == trained.losses("metered")
    assert trained.weights("traced", 6) == trained.weights("metered", 6)


MODEL = ModelConfig(  # 176 parameters in matrix products
    vocab_size=8, hidden_size=4, ffn_size=4, n_layers=1, n_heads=2, n_kv_heads=1, head_dim=4
)


def test_two_ranks_make_one_line():
    told = numbers(
        MODEL,
        16,
        2.0,
        ["max_active_gib", "ooms"],
        [[64, 60, 600, 1e5, 0.1, 7.0, 0], [64, 40, 400, 3e5, 0.5, 5.0, 2]],
    )
    palm, masked = 128 * (6 * 176 + 12 * 8 * 16), 100 * 6 * 176 + 6 * 8 * 1000
    assert told == {
        "tokens_per_s": 64.0,
        "tokens_per_s_device": 32.0,
        "document_tokens_per_s": 50.0,
        "document_tokens_per_s_device": 25.0,
        "pack_fill_pct": 78.125,
        "tflops": palm / 2 / 1e12,
        "tflops_device": palm / 2 / 1e12 / 2,
        "data_wait_max_s": 0.5,
        "data_wait_pct": 25.0,
        "max_active_gib": 7.0,
        "ooms": 2.0,
        "mfu_palm": palm / 2 / 4e5,
        "mfu_documents": masked / 2 / 4e5,
    }


def test_a_job_with_one_unknown_device_has_no_mfu():
    told = numbers(MODEL, 16, 2.0, [], [[64, 60, 600, 1e5, 0], [64, 60, 600, float("nan"), 0]])
    assert not [name for name in told if name.startswith("mfu")] and told["tokens_per_s"] == 64


@pytest.mark.parametrize("value", ["3", "a-b", "5-2", "-3", "-1-3", "2:4"])
def test_a_wrong_range_of_steps_is_refused(value):
    with pytest.raises(BadConfig, match="log.profile = .*: it must be first-last, e.g. 10-12"):
        load_run("demo", [f"log.profile='{value}'"])


def test_padding_is_the_last_piece_if_it_is_unscored():
    rows = np.zeros((4, 8), int)
    lengths = [np.array([5, 3]), np.array([5, 3]), np.array([8]), np.array([3, 5])]
    spans = [[[5, 8]], np.empty((0, 2), int), [[0, 8]], [[0, 3]]]
    batch = Batch.of_rows(rows, lengths, [np.array(each) for each in spans])
    assert batch.padding == [3, 8]
    assert Work.of([batch]) == Work(32, 21, 25 + 25 + 9 + 9 + 25)


def test_wandb_has_the_numbers_under_its_names(tmp_path):
    run = load_run("smoke", ["train.steps=1", "log.wandb=offline", f"folder={tmp_path}"])
    run.path.mkdir()
    metrics = Metrics(run, "abcd1234", 0)
    line = {name: 1.0 for name in NUMBERS} | {"step": 0, "loss": 2.5}
    metrics.write(line)
    metrics.saved({"step": 0, "checkpoint_save_s": 3.0, "checkpoint_bytes": 7})
    logged = dict(metrics._wandb.summary)
    metrics.close()
    told = {name: value for name, value in logged.items() if not name.startswith("_")}
    assert told == {
        **{names.WANDB.get(name, name): value for name, value in line.items()},
        "ckpt/save_s": 3.0,
        "ckpt/bytes": 7,
    }
    assert told["train/loss"] == 2.5 and set(NUMBERS) - set(names.WANDB) == {"step"}


def test_every_name_of_wandb_is_its_own():
    assert len(set(names.WANDB.values())) == len(names.WANDB)
