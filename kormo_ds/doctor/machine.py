"""Shared memory, open files, disk, wandb, and whether torch has NCCL or gloo."""

import os
import shutil
from pathlib import Path

from kormo_ds.doctor.finding import Finding, fail, note, ok

ENOUGH_FILES = 1024
"""Open files of a process; a lake of many fragments and NCCL's sockets take hundreds."""
ENOUGH_DISK = 10_000_000_000
"""Bytes; `kormo plan RUN` says what the checkpoints of a run take."""
LEAST_DISK = 1_000_000_000
NCCL_BYTES = 32_000_000
"""/dev/shm of a GPU rank; NCCL's buffers between GPUs of one machine are about so large."""


def shared_memory(place: Path, n_ranks: int, of_a_rank: int) -> Finding:
    """Room for the ranks' buffers, `of_a_rank` bytes each."""
    what = str(place)
    if not place.is_dir():
        return ok(what, "none on this system")
    free, needed = shutil.disk_usage(place).free, n_ranks * of_a_rank
    found = f"{free / 1e6:,.0f} MB free, {n_ranks} ranks take {needed / 1e6:,.0f} MB"
    if free >= needed:
        return ok(what, found)
    mend = (
        f"docker run --shm-size=1g …, or rm {place}/deepspeed_allreduce_buffer_* "
        "if no training runs"
    )
    return fail(what, found, mend)


def open_files(soft: int) -> Finding:
    """How many files a process may have open; -1 is any number."""
    if soft < 0 or soft >= ENOUGH_FILES:
        return ok("open files", "any number" if soft < 0 else f"{soft:,} a process")
    mend = "ulimit -n 65536"
    return note("open files", f"{soft:,} a process, {ENOUGH_FILES:,} may be needed", mend)


def disk(folder: Path) -> Finding:
    """Free space and the right to write where `data/` is or will be."""
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:,.0f} GB free in {place}"
    if not place.is_dir() or not os.access(place, os.W_OK):
        return fail("disk", f"{place} cannot be written to", f"chown -R $USER {place}")
    mend = "go to a folder on a larger disk, or give KORMO_LAKE=… and folder=… of a run"
    if free < LEAST_DISK:
        return fail("disk", found, mend)
    return note("disk", found, mend) if free < ENOUGH_DISK else ok("disk", found)


def wandb(mode: str, key: bool) -> Finding:
    """What log.wandb is by default, and whether its server would know us."""
    known = "there is a key" if key else "wandb login first"
    return ok("wandb mode", f"{mode} by default; log.wandb=online sends runs ({known})")


def has_wandb_key() -> bool:
    """Whether wandb finds a key: in the environment, or where `wandb login` puts it."""
    netrc = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    stored = netrc.is_file() and "wandb" in netrc.read_text(errors="replace")
    return bool(os.environ.get("WANDB_API_KEY")) or stored


def communication(backend: str, available: bool, version: str) -> Finding:
    """What the ranks would talk through; `kormo doctor` without --quick sums with it."""
    if available:
        return ok("communication", f"{backend} {version}".strip())
    mend = "pip install --force-reinstall the torch that pyproject.toml names"
    return fail("communication", f"torch is built without {backend}", mend)
