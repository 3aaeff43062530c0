"""Start DeepSpeed's launcher for a run, here or on the hosts of a file, and say how it ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kormo_ds.errors import BadConfig, KormoError

if TYPE_CHECKING:
    from kormo_ds.config import Run

CPU_RANKS = 2
PORT = 29500
_SECONDS_TO_END = 40.0


def n_ranks(run: "Run") -> int:
    """How many ranks `run` gets: the slots of its hostfile, else this machine's GPUs, else two."""
    from kormo_ds.train import hostfile

    return sum(hostfile.of_run(run).values()) if run.launch.hostfile else here()[0]


def here() -> tuple[int, dict[str, str]]:
    """How many ranks this machine gets, and their environment."""
    import torch

    environment = dict(os.environ)
    if torch.cuda.is_available() and environment.get("DS_ACCELERATOR", "cuda") == "cuda":
        return torch.cuda.device_count(), environment
    threads = max(1, (os.cpu_count() or 1) // CPU_RANKS)
    environment.setdefault("OMP_NUM_THREADS", str(threads))
    return CPU_RANKS, environment | {"DS_ACCELERATOR": "cpu", "LOCAL_SIZE": str(CPU_RANKS)}


def check(run: "Run") -> None:
    """Refuse here what would otherwise leave ranks on some hosts waiting for those of another.

    Raises:
        BadConfig: pdsh is missing, a host is not reachable or not set up as this one is, rank 0's
            address has no meaning here, or this command is itself one of several tasks of srun.
    """
    from kormo_ds.cli import over_ssh
    from kormo_ds.train import hostfile, launchers

    tasks = launchers.n_tasks(os.environ)
    if not run.launch.hostfile:
        if tasks > 1:
            raise BadConfig(
                f"kormo train is one of {tasks} tasks of srun, and would start all ranks in each; "
                "start the ranks themselves: srun … python -m kormo_ds.train RUN (docs/launch.md)"
            )
        return
    hosts = hostfile.of_run(run)
    address = _address(run, hosts)
    try:
        socket.getaddrinfo(address, None)
    except OSError as error:
        raise BadConfig(
            f"rank 0's address '{address}' is not known here ({error.strerror}); set "
            f"launch.master_addr to one that every host knows"
        ) from error
    if run.launch.ssh:
        over_ssh.check(list(hosts))


def start(run: "Run", words: list[str]) -> None:
    """Run the job to its end, its output being ours; whatever ends it early is one error.

    `words` are the rank's command line after `python -m`.
    """
    from kormo_ds.run_record import manifest
    from kormo_ds.train import rank_log

    before = rank_log.sizes(run.path)
    ssh = bool(run.launch.hostfile) and run.launch.ssh
    job = subprocess.Popen(
        _command(run, words),
        env=_environment(run),
        start_new_session=True,
        stderr=subprocess.PIPE if ssh else None,
        text=True,
    )
    try:
        with termination_as_interrupt():
            code = _wait(job)
    except KeyboardInterrupt:
        code = None
    finally:
        _end(job)
    if code == 0:
        return
    if code == 2:
        raise typer.Exit(2)  # a rank has said why
    reason = "interrupted" if code is None else _reason(code, run.path, before)
    raise KormoError(f"{reason}; {manifest.way_on(run.path / 'checkpoints')}")


def _wait(job: subprocess.Popen[str]) -> int:
    """The launcher's exit code; through ssh, that of the first host that failed."""
    from kormo_ds.cli import over_ssh

    if job.stderr is None:
        return job.wait()
    watch = over_ssh.Watch(job.stderr)
    while (code := job.poll()) is None and (code := watch.overdue()) is None:
        time.sleep(0.2)
    if job.poll() is not None:
        watch.finish()
    return code


def _address(run: "Run", hosts: dict[str, int]) -> str:
    return run.launch.master_addr or next(iter(hosts)).rpartition("@")[2]


def _command(run: "Run", words: list[str]) -> list[str]:
    from kormo_ds.cli import over_ssh
    from kormo_ds.train import hostfile, port

    launch = run.launch
    command = [sys.executable, "-m", "deepspeed.launcher.runner", "--log_level=critical"]
    if not launch.hostfile:
        where = [f"--num_gpus={n_ranks(run)}", f"--master_port={launch.master_port or port.free()}"]
        return [*command, *where, "--module", *words]
    command += [f"--hostfile={launch.hostfile}", f"--master_port={launch.master_port or PORT}"]
    command.append(f"--master_addr={_address(run, hostfile.of_run(run))}")
    if launch.ssh:
        command += ["--force_multi", "--no_ssh_check"]
        words = [over_ssh.quoted(word) for word in words]
    else:
        command += ["--no_ssh", f"--node_rank={launch.node_rank}"]
    return [*command, "--module", *words]


def _environment(run: "Run") -> dict[str, str]:
    """Of the launcher; hosts that are reached through ssh have .deepspeed_env instead."""
    return dict(os.environ) if run.launch.hostfile and run.launch.ssh else here()[1]


def _reason(code: int, folder: Path, before: dict[Path, int]) -> str:
    """Why the launcher ended with `code`, and which rank it was as far as its log tells."""
    from kormo_ds.train import rank_log

    said, first = rank_log.cause(folder, before)
    logs = f"its output is in {folder / 'logs'}"
    if said:
        return f"{said}; {logs}"
    who = first or "a rank"
    killed = 256 - code  # the launcher ends with minus the signal's number, modulo 256
    if 0 < killed < signal.NSIG:
        name = signal.Signals(killed).name
        memory = ", most often for want of memory" if name == "SIGKILL" else ""
        return f"{who} was killed by {name}{memory}"
    return f"{who} ended with exit code {code}, its error is above; {logs}"


def _end(job: subprocess.Popen[str]) -> None:
    """End what is left of the job: launcher and ranks are one process group."""
    give_up = time.monotonic() + _SECONDS_TO_END
    try:
        os.killpg(job.pid, signal.SIGTERM)
        while time.monotonic() < give_up:
            job.poll()
            os.killpg(job.pid, 0)
            time.sleep(0.1)
        os.killpg(job.pid, signal.SIGKILL)
    except ProcessLookupError:
        job.wait()


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """A job scheduler's SIGTERM ends the ranks, too."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
