"""`kormo train` with the real launcher: a killed rank, the same command again, and again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lake

SCRIPT = """
import sys, typer
from kormo_ds.cli.train import train
from kormo_ds.errors import KormoError
app = typer.Typer()
app.command()(train)
try:
    app()
except KormoError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(2)
"""


@pytest.fixture
def command(job, tmp_path: Path):
    """`kormo train` of a tiny run in a lake of its own."""
    lk = lake.create(str(tmp_path / "lake"))
    folder = Path(lk.path("sequences"))
    folder.mkdir(exist_ok=True)
    (folder / "demo").symlink_to(job.sequences)
    words = job.case("launched", 3, "checkpoint.every=1", f"folder={tmp_path}")["words"]
    words = [word for word in words if not word.startswith("data.")]
    return [sys.executable, "-c", SCRIPT, "smoke", *words, "--lake", lk.root]


def started(command, *more):
    return subprocess.Popen(
        [*command, *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ranks_of(folder: Path) -> list[int]:
    """Processes whose command line trains in `folder`, launcher left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0") if path.exists() else []
        ours = f"folder={folder}".encode() in words and b"--local_rank=1" in words
        if ours and b"deepspeed.launcher.launch" not in words:
            found.append(int(path.parent.name))
    return found


def test_a_killed_rank_ends_the_job_and_the_same_command_completes_and_records_the_run(
    command, tmp_path: Path
):
    killed = started(command, "train.steps=20")
    metrics = tmp_path / "launched" / "metrics.jsonl"
    while not metrics.exists() or len(metrics.read_text().splitlines()) < 3:
        assert killed.poll() is None, killed.stdout.read()
        time.sleep(0.05)
    [rank] = ranks_of(tmp_path)
    os.kill(rank, signal.SIGKILL)
    output, _ = killed.communicate(timeout=90)
    assert killed.returncode == 2 and "Traceback" not in output, output
    told, step = output.splitlines()[-1].rsplit(" ", 1)
    assert told == (
        f"error: rank 1 (host {socket.gethostname()}, pid {rank}) was killed by SIGKILL, most "
        "often for want of memory; the same command goes on from step"
    )
    assert not ranks_of(tmp_path)

    output, _ = started(command, "train.steps=20").communicate(timeout=120)
    assert f"resuming at step {step} in {tmp_path / 'launched'}" in output, output
    again, _ = started(command, "train.steps=20").communicate(timeout=90)
    assert again == f"all 20 steps are done in {tmp_path / 'launched'}\n"

    summary = json.loads((tmp_path / "launched" / "summary.json").read_text())
    [row] = lake.open(command[-1]).dataset("runs").to_table().to_pylist()
    assert {key: row[key] for key in ("run", "n_steps", "n_tokens", "sequences_fingerprint")} == {
        "run": "launched",
        "n_steps": 20,
        "n_tokens": 20 * 256,
        "sequences_fingerprint": "tiny" * 16,
    }
    assert (row["last_loss"], row["checkpoint"]) == (summary["last_loss"], summary["checkpoint"])


def test_deepspeeds_configuration_is_printed_and_nothing_is_started(command, tmp_path: Path):
    output, _ = started(command, "--print-ds-config").communicate(timeout=90)
    printed = json.loads(output)
    assert printed["train_batch_size"] == 8 and printed["gradient_accumulation_steps"] == 2
    assert printed["zero_optimization"]["stage"] == 3
    assert not (tmp_path / "launched").exists()
