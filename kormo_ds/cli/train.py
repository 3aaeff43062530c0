"""`kormo train`: check a run, start DeepSpeed's launcher, record the run in the lake."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.errors import BadConfig, KormoError

if TYPE_CHECKING:
    from kormo_ds.config import Run

CPU_RANKS = 2
_SECONDS_TO_END = 40.0


def train(
    words: Annotated[list[str], typer.Argument(help="RUN, then settings a.b=c", metavar="RUN …")],
    lake: Annotated[
        str | None, typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake.")
    ] = None,
    print_ds_config: Annotated[
        bool, typer.Option("--print-ds-config", help="Print DeepSpeed's configuration and end.")
    ] = False,
    profile: Annotated[
        str, typer.Option("--profile", help="Trace these steps, e.g. 10-12 (log.profile).")
    ] = "",
) -> None:
    """Train RUN on all GPUs, or with two CPU processes; go on from its newest checkpoint."""
    from kormo_ds.compose import load_run

    name, *settings = words
    if "=" in name:
        raise BadConfig("name the run first, e.g.: kormo train demo train.steps=10")
    if profile:
        settings.append(f"log.profile={profile}")
    run = load_run(name, settings)
    settings += _sequences_in(lake, run)
    run = load_run(name, settings)
    n_ranks, environment = _ranks()
    if _checked(run, n_ranks, print_ds_config):
        print(f"all {run.train.steps:,} steps are done in {run.path}")
    elif print_ds_config:
        return
    else:
        _launch(run, ["kormo_ds.train", name, *settings], n_ranks, environment)
    _record(lake, run)


def _sequences_in(lake_root: str | None, run: "Run") -> list[str]:
    """The setting that places sequences known by their name alone in the lake."""
    names = {"data": run.data.sequences, "validation": run.validation.sequences}
    known = {block: name for block, name in names.items() if name and "/" not in name}
    if not known:
        return []
    import lake

    lk = lake.open(lake_root)
    return [f"{block}.sequences={lk.path('sequences', name)}" for block, name in known.items()]


def _ranks() -> tuple[int, dict[str, str]]:
    """How many ranks this machine gets, and their environment."""
    import torch

    environment = dict(os.environ)
    if torch.cuda.is_available() and environment.get("DS_ACCELERATOR", "cuda") == "cuda":
        return torch.cuda.device_count(), environment
    threads = max(1, (os.cpu_count() or 1) // CPU_RANKS)
    environment |= {"DS_ACCELERATOR": "cpu", "LOCAL_SIZE": str(CPU_RANKS)}
    environment.setdefault("OMP_NUM_THREADS", str(threads))
    return CPU_RANKS, environment


def _checked(run: "Run", n_ranks: int, print_ds_config: bool) -> bool:
    """Refuse here what all ranks would refuse half a minute later; True if nothing is left."""
    from kormo_ds.train import batches, data, ds_config, manifest
    from kormo_ds.train.state import State, check

    table = data.open_sequences(run)
    data.tokenizer(run, table)
    cut = batches.plan(run.train, table.length, n_ranks)
    if print_ds_config:
        print(json.dumps(ds_config.render(run, cut), indent=2))
        return False
    found = manifest.complete(run.path / "checkpoints")
    if not found:
        return False
    state = State.read(found[-1])
    check(run, state, table.fingerprint, found[-1])
    return state.step >= run.train.steps and (run.path / "summary.json").exists()


def _launch(run: "Run", words: list[str], n_ranks: int, environment: dict[str, str]) -> None:
    """Run the job to its end, its output being ours; whatever ends it early is one error."""
    from kormo_ds.train import port

    command = [sys.executable, "-m", "deepspeed.launcher.runner", f"--num_gpus={n_ranks}"]
    command += [f"--master_port={port.free()}", "--log_level=critical", "--module", *words]
    job = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        with _termination_as_interrupt():
            code = job.wait()
    except KeyboardInterrupt:
        code = None
    finally:
        _end(job)
    if code == 0:
        return
    if code == 2:
        raise typer.Exit(2)  # a rank has said why
    raise KormoError(f"{_reason(code)}; {_way_on(run)}")


def _reason(code: int | None) -> str:
    if code is None:
        return "interrupted"
    killed = 256 - code  # the launcher ends with minus the signal's number, modulo 256
    if 0 < killed < signal.NSIG:
        name = signal.Signals(killed).name
        memory = ", most often for want of memory" if name == "SIGKILL" else ""
        return f"a rank was killed by {name}{memory}"
    return f"a rank ended with exit code {code}, its error is above"


def _way_on(run: "Run") -> str:
    from kormo_ds.train import manifest

    found = manifest.complete(run.path / "checkpoints")
    where = f"step {manifest.step_of(found[-1]):,}" if found else "the start"
    return f"the same command goes on from {where}"


def _end(job: subprocess.Popen[bytes]) -> None:
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
def _termination_as_interrupt() -> Iterator[None]:
    """A job scheduler's SIGTERM ends the ranks, too."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _record(lake_root: str | None, run: "Run") -> None:
    """One row of the lake's `runs` for a finished run, from its summary.json."""
    import pyarrow as pa

    import lake

    summary: dict[str, Any] = json.loads((run.path / "summary.json").read_text())
    try:
        lk = lake.open(lake_root)
    except lake.NoLake as error:
        print(f"the run is not recorded: {error}")
        return
    known = f"run_id = '{summary['run_id']}'"
    if lk.exists("runs") and lk.dataset("runs").count_rows(filter=known):
        return
    summary["created_at"] = datetime.fromisoformat(summary["created_at"])
    lk.append("runs", pa.Table.from_pylist([summary], schema=lk.schema("runs")))
    last = f"loss {summary['first_loss']:.3f} → {summary['last_loss']:.3f}"
    print(f"recorded run '{run.name}': {last}, {summary['checkpoint']}")
