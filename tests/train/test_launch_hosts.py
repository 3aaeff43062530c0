"""Two hosts with the same command on each, a rank that stands still, and the same run by torchrun.

Both hosts are this machine, by two names; each has a launcher of its own that knows of its own rank
alone, as on two machines.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kormo_ds.cli import launch, over_ssh
from kormo_ds.compose import load_run
from kormo_ds.errors import BadConfig
from kormo_ds.train import port

SCRIPT = Path(__file__).with_name("test_launch.py").read_text().split('"""')[3]


def started(*command) -> subprocess.Popen:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen([sys.executable, *command], **streams)


def pid_of_rank(log: Path) -> int:
    return int(re.search(r"began \S+, host \S+, pid (\d+)$", log.read_text(), re.MULTILINE)[1])


def test_a_stopped_rank_ends_the_run_on_every_host_and_torchrun_goes_on_with_it(job, tmp_path):
    words = job.case("hosts", 1, "checkpoint.every=1", "launch.silence_seconds=5")["words"]
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 slots=1\nlocalhost slots=1\n")
    meeting = [f"launch.hostfile={hosts}", f"launch.master_port={port.free()}", "launch.ssh=false"]
    words.append("train.steps=2000")
    nodes = [
        started("-c", SCRIPT, "smoke", *words, *meeting, f"launch.node_rank={k}") for k in (0, 1)
    ]
    metrics, logs = job.folder / "hosts" / "metrics.jsonl", job.folder / "hosts" / "logs"
    while not metrics.exists() or len(metrics.read_text().splitlines()) < 3:
        assert [node.poll() for node in nodes] == [None, None], nodes[0].communicate()
        time.sleep(0.05)
    stopped = pid_of_rank(logs / "rank-00001.log")
    os.kill(stopped, signal.SIGSTOP)  # no launcher notices
    outputs = [node.communicate(timeout=60)[0] for node in nodes]
    reason = f"rank 1 (host {socket.gethostname()}, pid {stopped}) has not been heard of for 5 s"
    for node, output in zip(nodes, outputs, strict=True):
        assert node.returncode == 2, output
        told = output.splitlines()[-1]
        assert told.startswith(f"error: {reason}; its output is in {logs}; the same command goes")
        assert "Traceback" not in output
    assert re.search(f"^{re.escape(reason)}; ending the run; the same", outputs[0], re.MULTILINE)
    log = (logs / "rank-00000.log").read_text()
    assert f"--- run ended: {reason}\n" in log and "starting 2,000 steps" in log

    step = int(told.rsplit(" ", 1)[1])
    assert step >= 2
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    again = started(*torchrun, "-m", "kormo_ds.train", "smoke", *words)
    while f"resuming at step {step:,}" not in (log := (logs / "rank-00000.log").read_text()):
        assert again.poll() is None, again.communicate()[0]
        time.sleep(0.05)
    done = len(job.metrics("hosts"))
    while len(metrics.read_text().splitlines()) < done + 2:
        assert again.poll() is None, again.communicate()[0]
        time.sleep(0.05)
    again.terminate()
    again.communicate(timeout=60)
    assert (
        len(re.findall("^--- rank 1 of 2 began", (logs / "rank-00001.log").read_text(), re.M)) == 2
    )


@pytest.mark.parametrize(
    "word",
    ["optim.betas=[0.9,0.95]", "x='a\"b'", "x=a b", "x=$HOME `id` \\n \"q\" 'p'", "50%h", "a;b&c"],
)
def test_words_reach_a_host_behind_ssh_as_they_are(word):
    from types import SimpleNamespace

    from deepspeed.launcher.multinode_runner import PDSHRunner

    runner = PDSHRunner.__new__(PDSHRunner)
    runner.args = SimpleNamespace(user_args=[over_ssh.quoted(word)])
    sent = " ".join(runner.parse_user_args()).replace("%%", "%")  # as pdsh does
    seen = subprocess.run(
        ["bash", "-c", f"printf '%s' {sent}"], capture_output=True, text=True, check=True
    )
    assert seen.stdout == word


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A run on the hosts of a file."""

    def here(text, *words):
        (tmp_path / "hosts").write_text(text)
        return load_run("demo", [f"launch.hostfile={tmp_path / 'hosts'}", *words])

    return here


def test_ranks_are_the_slots_of_all_hosts(here):
    assert launch.n_ranks(here("a slots=8\nb slots=4\n")) == 12


def test_what_would_leave_hosts_waiting_is_refused_before_anything_starts(here, monkeypatch):
    with pytest.raises(BadConfig, match="rank 0's address 'nowhere.invalid' is not known here"):
        launch.check(here("nowhere.invalid slots=1\n"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BadConfig, match="pdsh and ssh, and pdsh is not installed here; install it"):
        launch.check(here("localhost slots=1\n"))
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "8")
    with pytest.raises(BadConfig, match="kormo train is one of 8 tasks of srun, and would start"):
        launch.check(load_run("demo"))


def test_a_host_that_does_not_answer_is_named(here, monkeypatch):
    if shutil.which("pdsh") is None:
        pytest.skip("pdsh is not installed")
    monkeypatch.setenv("PDSH_SSH_ARGS_APPEND", "-p 1")  # nobody listens there
    with pytest.raises(BadConfig, match="127.0.0.1, localhost: not reachable by ssh without a"):
        launch.check(here("127.0.0.1 slots=1\nlocalhost slots=1\n"))
