"""What makes a checkpoint complete: a manifest of its files, renamed into place as the last act.

A folder `step-000100` without `manifest.json` does not exist: it was being written when the job
died, is passed over, and is removed when that step is written again. A folder with one must match
it to the byte. Hashing is shared out among the ranks; it costs one reading of the checkpoint.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from kormo_ds.errors import BadInput, Damaged

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class File:
    """One file of a checkpoint."""

    path: str
    """Below the checkpoint's folder."""
    size: int
    sha256: str


def folder_of(checkpoints: Path, step: int) -> Path:
    """The folder of the checkpoint after `step` steps."""
    return checkpoints / f"step-{step:06d}"


def complete(checkpoints: Path) -> list[Path]:
    """Folders that have a manifest, oldest first."""
    found = checkpoints.glob(f"step-*/{MANIFEST}")
    return sorted((path.parent for path in found), key=step_of)


def incomplete(checkpoints: Path) -> list[Path]:
    """Folders without a manifest, oldest first."""
    found = (path for path in checkpoints.glob("step-*") if not (path / MANIFEST).exists())
    return sorted(found, key=step_of)


def find(path: Path) -> Path:
    """A checkpoint's folder itself, or the newest complete one of a run's folder.

    Raises:
        BadInput: nothing of the kind there; the checkpoints beside it are named.
        Damaged: it was never finished.
    """
    if (path / MANIFEST).exists():
        return path
    below = complete(path / "checkpoints")
    if below:
        return below[-1]
    beside = ", ".join(str(folder) for folder in complete(path.parent))
    known = f"complete checkpoints beside it: {beside or 'none'}"
    if path.is_dir() and path.name.startswith("step-"):
        raise Damaged(f"checkpoint {path} was never finished (it has no {MANIFEST}); {known}")
    raise BadInput(f"no checkpoint at {path}; give a checkpoint's or a run's folder; {known}")


def step_of(folder: Path) -> int:
    """Steps done in the checkpoint at `folder`."""
    return int(folder.name.removeprefix("step-"))


def way_on(checkpoints: Path) -> str:
    """From where a run goes on that ended early, in words for its message."""
    found = complete(checkpoints)
    where = f"step {step_of(found[-1]):,}" if found else "the start"
    return f"the same command goes on from {where}"


def share(folder: Path, rank: int, world: int) -> list[File]:
    """Sizes and hashes of this rank's share of the files below `folder`; all reach the disk."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [_file(folder, path) for path in paths[rank::world]]


def commit(folder: Path, files: Iterable[File]) -> None:
    """Make the checkpoint complete: the manifest is written aside, flushed, renamed."""
    listed = sorted((asdict(file) for file in files), key=lambda file: file["path"])
    aside = folder / f"{MANIFEST}.part"
    with aside.open("w") as out:
        json.dump({"format": 1, "files": listed}, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    aside.rename(folder / MANIFEST)
    _flush(folder)
    _flush(folder.parent)


def verify(folder: Path, rank: int = 0, world: int = 1) -> None:
    """Compare every size, and the hashes of this rank's share of the files, with the manifest.

    Raises:
        Damaged: a file is missing, cut off or changed; names it and the way out.
    """
    way_out = f"remove {folder} to go on from the checkpoint before it"
    try:
        listed = json.loads((folder / MANIFEST).read_text())["files"]
        files = [File(**file) for file in listed]
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{folder / MANIFEST} cannot be read; {way_out}") from error
    for i, file in enumerate(files):
        path = folder / file.path
        if not path.exists():
            raise Damaged(f"{path} is missing; {way_out}")
        size = path.stat().st_size
        if size != file.size:
            raise Damaged(f"{path} has {size} bytes instead of {file.size}; {way_out}")
        if i % world == rank and _sha256(path) != file.sha256:
            raise Damaged(f"{path} was changed after it was written; {way_out}")


def retire(checkpoints: Path, keep: int) -> None:
    """Remove all but the newest `keep` complete checkpoints, each made incomplete first."""
    for folder in complete(checkpoints)[:-keep]:
        (folder / MANIFEST).unlink()
        shutil.rmtree(folder)


def _file(folder: Path, path: Path) -> File:
    _flush(path)
    return File(path.relative_to(folder).as_posix(), path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
