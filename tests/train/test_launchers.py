"""What torchrun, srun and DeepSpeed set, and what a rank makes of it."""

import os
import subprocess
from pathlib import Path

import pytest

from kormo_ds.errors import KormoError
from kormo_ds.train import launchers

# As srun of Slurm 22.05 sets them, for two nodes of 4 and 3 tasks.
SRUN = {
    "SLURM_JOB_ID": "4711",
    "SLURM_STEP_ID": "0",
    "SLURM_NTASKS": "7",
    "SLURM_STEP_NUM_TASKS": "7",
    "SLURM_PROCID": "5",
    "SLURM_NODEID": "1",
    "SLURM_LOCALID": "1",
    "SLURM_STEP_NODELIST": "gpu[08-09]",
    "SLURM_STEP_TASKS_PER_NODE": "4,3",
}
TORCHRUN = {
    "RANK": "3",
    "WORLD_SIZE": "8",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "gpu08",
    "MASTER_PORT": "29400",
}
DEEPSPEED = {
    "RANK": "1",
    "WORLD_SIZE": "2",
    "LOCAL_RANK": "1",
    "LOCAL_SIZE": "2",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "29500",
}
ONE_NODE = SRUN | {
    "SLURM_NODEID": "0",
    "SLURM_STEP_NODELIST": "gpu08",
    "SLURM_STEP_TASKS_PER_NODE": "7",
    "SLURM_LOCALID": "5",
}
BATCH = {"SLURM_JOB_ID": "4711", "SLURM_NTASKS": "8", "SLURM_PROCID": "0", "SLURM_LOCALID": "0"}


def ours(environment: dict[str, str]) -> list[str]:
    environment = dict(environment)
    launchers.adopt(environment)
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_SIZE", "MASTER_ADDR", "MASTER_PORT")
    return [environment[name] for name in names]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (SRUN, ["5", "7", "1", "3", "gpu08", "22977"]),
        (SRUN | {"SLURM_STEP_ID": "2"}, ["5", "7", "1", "3", "gpu08", "22979"]),
        (ONE_NODE, ["5", "7", "5", "7", "127.0.0.1", "22977"]),
        (SRUN | {"MASTER_ADDR": "x", "MASTER_PORT": "1"}, ["5", "7", "1", "3", "x", "1"]),
        (TORCHRUN, ["3", "8", "1", "2", "gpu08", "29400"]),
        (DEEPSPEED, ["1", "2", "1", "2", "127.0.0.1", "29500"]),
        (SRUN | DEEPSPEED, ["1", "2", "1", "2", "127.0.0.1", "29500"]),
        (BATCH | DEEPSPEED, ["1", "2", "1", "2", "127.0.0.1", "29500"]),
        (SRUN | TORCHRUN, ["3", "8", "1", "2", "gpu08", "29400"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_a_rank_is_what_its_launcher_says(environment, expected):
    assert ours(environment) == expected


@pytest.mark.parametrize("environment", [{}, BATCH])
def test_without_a_launcher_and_in_a_batch_script_it_is_alone(environment):
    assert ours(environment)[:5] == ["0", "1", "0", "1", "127.0.0.1"]


def test_what_was_adopted_is_adopted_again_unchanged():
    environment = dict(SRUN)
    launchers.adopt(environment)
    before = dict(environment)
    launchers.adopt(environment)
    assert environment == before


def without(environment, *names):
    return {name: value for name, value in environment.items() if name not in names}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"RANK": "1"}, "RANK = '1' is set, but WORLD_SIZE is not; set both"),
        ({"WORLD_SIZE": "2"}, "WORLD_SIZE = '2' is set, but RANK is not; set both"),
        ({"RANK": "2", "WORLD_SIZE": "2"}, "RANK = '2', WORLD_SIZE = '2': ranks are 0 to"),
        ({"RANK": "x", "WORLD_SIZE": "2"}, "RANK = 'x', WORLD_SIZE = '2': ranks are 0 to"),
        (
            without(TORCHRUN, "MASTER_ADDR", "MASTER_PORT"),
            "where 8 ranks meet is not known: set MASTER_ADDR and MASTER_PORT to the host of",
        ),
        (without(TORCHRUN, "MASTER_PORT"), "where 8 ranks meet is not known: set MASTER_PORT to"),
        (without(SRUN, "SLURM_STEP_NODELIST"), "where 7 ranks meet is not known: set MASTER_ADDR"),
        (without(SRUN, "SLURM_JOB_ID"), "where 7 ranks meet is not known: set MASTER_PORT to"),
        (without(SRUN, "SLURM_PROCID"), "SLURM_STEP_NUM_TASKS is set, as under srun, but the rank"),
        (SRUN | {"SLURM_NODEID": "2"}, "SLURM_STEP_NUM_TASKS is set, as under srun, but the rank"),
    ],
)
def test_what_cannot_be_known_is_said(environment, message):
    with pytest.raises(KormoError) as raised:
        ours(environment)
    assert str(raised.value).startswith(message)


def test_the_job_script_starts_ranks_by_srun(tmp_path):
    script = Path(__file__).parents[2] / "docs" / "launch" / "train.sbatch"
    srun = tmp_path / "srun"
    srun.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    srun.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", script, "demo", "train.steps=9"], env=environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        *("--kill-on-bad-exit=1", "--label", ".venv/bin/python", "-m", "kormo_ds.train"),
        *("demo", "train.steps=9"),
    ]
