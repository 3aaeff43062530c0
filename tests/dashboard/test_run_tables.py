"""Run folders as tables, written by training's own writers: growing, cut off, damaged, resumed."""

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

import lake
from kormo_ds.compose import load_run, to_yaml
from kormo_ds.dashboard import run_columns, run_tables
from kormo_ds.run_record import lines, manifest
from kormo_ds.run_record.state import FILE, State
from kormo_ds.train.metrics import Metrics
from lake import duck

STEPS = 4


@pytest.fixture
def lk(tmp_path):
    return lake.create(tmp_path / "lake")


@pytest.fixture
def runs(tmp_path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def tables(lk, runs):
    return run_tables.tables(lk, runs)


def make(runs: Path, name="a", *words: str):
    """A run's folder as training makes it."""
    settings = (f"name={name}", f"folder={runs}", "log.wandb=disabled", f"train.steps={STEPS}")
    run = load_run("smoke", [*settings, "data.sequences=data/lake/sequences/demo", *words])
    run.path.mkdir()
    (run.path / "run.yaml").write_text(to_yaml(run))
    return run


def values(step, **more):
    tokens = {"step": step, "loss": 9.0 - step, "lr": 0.1, "grad_norm": 1.0, "seconds": 2.0}
    return tokens | {"tokens": 100 * (step + 1), "tokens_per_s": 50.0} | more


def write(run, *steps, begun=0, **more):
    metrics = Metrics(run, "id", begun)
    for step in steps:
        metrics.write(values(step, **more))
    metrics.close()


def checkpoint(run, steps, whole=True, **state):
    folder = manifest.folder_of(run.path / "checkpoints", steps)
    folder.mkdir(parents=True)
    known = State(step=steps, tokens=100 * steps, sequences="f1", run_id=run.name, **state)
    (folder / FILE).write_text(json.dumps(asdict(known)))
    if whole:
        manifest.commit(folder, manifest.share(folder, 0, 1))
    return folder


def rows(tables, name, *columns):
    return tables[name]().select(columns).to_pylist() if columns else tables[name]().to_pylist()


def listed(tables, name, *columns):
    return [tuple(row.values()) for row in rows(tables, name, *columns)]


def one(tables, *columns):
    [row] = listed(tables, "run_list", *columns)
    return row


def test_a_run_that_is_being_written_is_read_on_from_its_last_whole_line(runs, tables):
    run = make(runs)
    write(run, 0, 1, loss_score=0.5, step_skipped=0)
    first = tables["run_steps"]()
    assert rows(
        tables, "run_steps", "run", "step", "tokens", "loss", "step_skipped", "mfu_palm"
    ) == [
        {
            "run": "a",
            "step": 0,
            "tokens": 100,
            "loss": 9.0,
            "step_skipped": False,
            "mfu_palm": None,
        },
        {
            "run": "a",
            "step": 1,
            "tokens": 200,
            "loss": 8.0,
            "step_skipped": False,
            "mfu_palm": None,
        },
    ]
    assert tables["run_steps"]() is first, "the same object as long as nothing changed"
    line = json.dumps(values(2)) + "\n"
    with (run.path / lines.METRICS).open("a") as file:
        file.write(line[:20])
        file.flush()
        assert tables["run_steps"]().num_rows == 2
        assert one(tables, "steps_done", "n_unreadable") == (2, 1)
        file.write(line[20:])
    assert tables["run_steps"]().num_rows == 3
    assert one(tables, "steps_done", "tokens", "last_loss", "n_unreadable") == (3, 300, 7.0, 0)


def test_steps_that_are_taken_again_replace_those_before(runs, tables):
    run = make(runs)
    write(run, 0, 1, 2)
    (run.path / lines.METRICS).open("a").write('{"step": 3, "lo')  # killed here
    assert one(tables, "steps_done", "n_unreadable") == (3, 1)
    write(run, 1, 2, 3, begun=1, loss=5.0)
    assert [row["loss"] for row in rows(tables, "run_steps", "loss")] == [9.0, 5.0, 5.0, 5.0]
    assert one(tables, "state", "steps_done", "steps_planned", "n_unreadable") == ("ended", 4, 4, 0)
    (run.path / lines.METRICS).unlink()
    assert tables["run_steps"]().num_rows == 0


def test_damaged_lines_are_counted_and_wrong_values_are_null(runs, tables):
    run = make(runs)
    odd = [
        b'{"step": 0, "loss": NaN, "lr": "high", "tokens": 1e400, "step_skipped": 1}',
        b"\xff\x00 not a line",
        b"[1, 2]",
        b'{"loss": 3.0}',
        b"",
        b'{"step": 1, "loss": 2, "grad_norm": 1e309, "tokens": 12345678901234567890123}',
    ]
    (run.path / lines.METRICS).write_bytes(b"\n".join(odd) + b"\n")
    columns = ("step", "loss", "lr", "tokens", "step_skipped", "grad_norm")
    assert listed(tables, "run_steps", *columns) == [
        (0, None, None, None, True, None),
        (1, 2.0, None, None, None, None),
    ]
    (run.path / lines.SPIKES).write_text('{"step": 3}\n{"step": 4, "ranks": 7}\n')
    assert rows(tables, "run_spikes") == []
    assert one(tables, "n_unreadable") == (4 + 2,)


def test_spikes_and_their_rows(runs, tables):
    run = make(runs)
    part = {"rows": [7, 3], "loss_sums": [20.0, None], "n_scored": [4, 4]}
    known = {"step": 2, "loss": 9.5, "grad_norm": None, "loss_score": 8.0, "step_skipped": 1}
    lines.append(
        run.path / lines.SPIKES, known | {"grad_norm_score": None, "ranks": [[part], [part]]}
    )
    [spike] = rows(tables, "run_spikes")
    assert spike == {k: v for k, v in known.items() if k != "step_skipped"} | {
        "run": "a",
        "grad_norm_score": None,
        "step_skipped": True,
        "n_rows": 4,
    }
    expected = {"run": "a", "step": 2, "n_scored": 4, "sequences": "demo"}
    assert rows(tables, "run_spike_rows")[:2] == [
        expected | {"row": 7, "loss": 5.0},
        expected | {"row": 3, "loss": None},
    ]


def test_validation_by_kind_and_with_its_tokens(runs, tables):
    run = make(runs)
    bpb = {"all": 2.0, "lang=ko": None, "source=a=b": 1.5, "component=x": 1.0}
    lines.append(run.path / lines.VALIDATION, {"step": 1, "bpb": bpb, "n_bytes": {"all": 30}})
    found = rows(tables, "run_validation", "kind", "name", "bpb", "n_bytes", "tokens")
    assert [tuple(row.values()) for row in found] == [
        ("all", "all", 2.0, 30, None),
        ("lang", "ko", None, None, None),
        ("source", "a=b", 1.5, None, None),
        ("component", "x", 1.0, None, None),
    ]
    write(run, 0, 1)  # training writes a step's line after its validation
    assert {row["tokens"] for row in rows(tables, "run_validation", "tokens")} == {200}
    assert tables["run_validation"]() is tables["run_validation"]()


def test_checkpoints_and_lineage(runs, tables):
    run = make(runs)
    metrics = Metrics(run, "id", 0)
    for steps in (1, 2):
        metrics.saved({"step": steps - 1, "checkpoint_save_s": 1.5, "checkpoint_bytes": 70})
    metrics.close()
    data = [{"from_step": 0, "mixture": "web@1", "sequences": "f1"}]
    before = {
        "run": "first",
        "run_id": "r",
        "checkpoint": "x/step-000005",
        "steps": 5,
        "data": data,
    }
    before |= {"tokens": 500, "handover": {"optimizer": "keep", "data": "reset"}}
    checkpoint(run, 2, data=data, lineage=[before])
    checkpoint(run, 3, whole=False)
    columns = ("checkpoint", "steps", "tokens", "state", "seconds", "n_bytes")
    assert listed(tables, "run_checkpoints", *columns) == [
        ("step-000001", 1, None, "removed", 1.5, 70),
        ("step-000002", 2, 200, "complete", 1.5, 70),
        ("step-000003", 3, None, "incomplete", None, None),
    ]
    columns = ("checkpoint", "generation", "ancestor_run", "steps", "mixture", "passed")
    assert listed(tables, "run_lineage", *columns) == [
        ("step-000002", 0, "a", 2, "web@1", None),
        ("step-000002", 1, "first", 5, "web@1", "weights, optimizer"),
    ]
    assert one(tables, "fingerprint", "mixture", "steps_done") == ("f1", "web@1", 2)
    (manifest.folder_of(run.path / "checkpoints", 3) / manifest.MANIFEST).touch()
    (manifest.folder_of(run.path / "checkpoints", 3) / FILE).write_text('{"step"')
    assert one(tables, "mixture", "n_unreadable") == (None, 1)
    assert rows(tables, "run_lineage") == []
    assert rows(tables, "run_checkpoints", "state", "tokens")[-1] == {
        "state": "complete",
        "tokens": None,
    }


def test_a_run_is_training_while_its_lock_is_held_or_its_files_are_fresh(runs, tables):
    run = make(runs)
    write(run, 0)
    assert one(tables, "state") == ("training",)
    for name in ("run.yaml", lines.METRICS):
        os.utime(run.path / name, (1e9, 1e9))
    assert one(tables, "state", "written_at") == ("stopped", datetime(2001, 9, 9, 1, 46, 40))
    with (run.path / "lock").open("a+") as lock:
        assert one(tables, "state") == ("stopped",)
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert one(tables, "state") == ("training",)
    assert one(tables, "state") == ("stopped",)


def test_settings_are_shown_whatever_version_wrote_them(runs, tables):
    run = make(runs, "a", "optim.lr=0.25", "seed=7", "handover.run=first")
    assert one(tables, "seed", "lr", "handover", "schedule", "sequences") == (
        7,
        0.25,
        "first",
        "wsd",
        "demo",
    )
    (run.path / "run.yaml").write_text("seed: 8\noptim: {lr: 0.5, new: 1}\nmodel: 3\n")
    assert one(tables, "seed", "lr", "n_layers", "steps_planned", "n_unreadable") == (
        8,
        0.5,
        None,
        None,
        0,
    )
    (run.path / "run.yaml").write_text("seed: [")
    assert one(tables, "run", "seed", "n_unreadable") == ("a", None, 1)


def test_runs_of_the_lake_stand_beside_those_of_the_folder(lk, runs, tables, tmp_path):
    (tmp_path / "other").mkdir()
    make(runs), make(tmp_path / "other"), make(tmp_path / "other", "b")
    (runs / "no_run").mkdir()
    (runs / "a_file").touch()
    known = [
        {"run": "a", "checkpoint": f"{path}/checkpoints/step-000004"}
        for path in (runs / "a", tmp_path / "other" / "a", tmp_path / "other" / "b", "gone/c")
    ]
    known.append({"run": "d", "checkpoint": None})
    lk.append("runs", pa.Table.from_pylist(known, schema=lk.schema("runs")))
    assert [row["run"] for row in rows(tables, "run_list", "run")] == [
        f"{tmp_path}/other/a",
        "a",
        "b",
    ]
    alone = run_tables.tables(lk, None)
    assert len(rows(alone, "run_list")) == 3


def test_without_runs_the_tables_are_empty(lk, tmp_path):
    tables = run_tables.tables(lk, tmp_path / "nothing")
    assert set(tables) == set(run_columns.TABLES)
    for name, make_table in tables.items():
        assert make_table().num_rows == 0
        assert make_table().schema.equals(run_columns.TABLES[name].schema)


def test_long_runs_are_thinned_and_keep_their_spikes(lk, runs, tables):
    run = make(runs)
    text = "".join(json.dumps(values(step)) + "\n" for step in range(2501))
    (run.path / lines.METRICS).write_text(text)
    lines.append(run.path / lines.SPIKES, values(1234) | {"ranks": []})
    with duck.connect(lk, mentioned="run_points", extra=tables) as con:
        found = con.sql("select step from run_points order by step").fetchall()
        [(is_spike,)] = con.sql("select is_spike from run_points where step = 1234").fetchall()
    assert len(found) == 834 + 2
    assert found[0] == (0,) and found[-1] == (2500,) and is_spike


def test_the_page_lists_every_column():
    text = run_columns.PAGE.read_text(encoding="utf-8")
    assert text == run_columns.updated(text), "run: python -m kormo_ds.dashboard.run_columns"


def test_reading_runs_loads_no_torch():
    code = (
        "import sys, kormo_ds.dashboard.run_tables, kormo_ds.dashboard.spike, "
        "kormo_ds.trace.trained; print([m for m in ('torch', 'deepspeed') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
