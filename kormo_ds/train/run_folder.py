"""The run's own folder: one job at a time in it, the resolved run first, a summary at the end.

data/runs/demo/
run.yaml         every setting with its value
metrics.jsonl    one line a step
checkpoints.jsonl  seconds and bytes of each checkpoint
summary.json     written when all steps are done
checkpoints/     kormo_ds.train.checkpoint
wandb/           what wandb keeps, offline by default
"""

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kormo_ds.compose import to_yaml
from kormo_ds.config import Run
from kormo_ds.errors import BadConfig
from kormo_ds.train import ranks

SUMMARY = "summary.json"


@contextmanager
def held(run: Run) -> Iterator[None]:
    """Make the folder and hold it for this job; the system lets go of it however the job ends.

    Raises:
        BadConfig: another job is training in it.
    """
    with ranks.together(f"make {run.path}"):
        run.path.mkdir(parents=True, exist_ok=True)
    lock = (run.path / "lock").open("a+")
    try:
        with ranks.together(f"hold {run.path}"):
            if ranks.rank() == 0:
                _take(lock.fileno(), run)
                _replace(run.path / "run.yaml", to_yaml(run))
        yield
    finally:
        lock.close()


def write_summary(run: Run, values: dict[str, Any]) -> None:
    """Keep what the run came to, with time, commit of the code and settings; rank 0 writes."""
    with ranks.together(f"write {run.path / SUMMARY}"):
        if ranks.rank() == 0:
            ended = {
                "run": run.name,
                "created_at": datetime.now(UTC).isoformat(),
                "config": to_yaml(run),
                "git_commit": _commit(),
            }
            _replace(run.path / SUMMARY, json.dumps(ended | values, indent=1))


def _take(descriptor: int, run: Run) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BadConfig(
            f"another job is training in {run.path}; wait for it, end it, or give this run a name "
            f"of its own: name=…"
        ) from None


def _replace(path: Path, text: str) -> None:
    aside = path.with_name(f"{path.name}.part")
    with aside.open("w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(path)


def _commit() -> str:
    """The commit of the code that runs; '' outside a repository or without git."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return asked.stdout.strip()
