"""Create or open a lake by its root, a folder or an object-store URI. Costs one file read."""

import json
import os
from pathlib import Path

from lake import files
from lake.errors import NoLake
from lake.lake import Lake

DEFAULT_ROOT = "./data/lake"
FORMAT = 1


def default_root() -> str:
    """`$KORMO_LAKE`, else `./data/lake`."""
    return os.environ.get("KORMO_LAKE", DEFAULT_ROOT)


def open(root: str | os.PathLike[str] | None = None) -> "Lake":  # noqa: A001
    """Open the lake at `root` (default: `$KORMO_LAKE`, else `./data/lake`).

    Raises:
        NoLake: nothing there, or a lake of a newer format.
    """
    uri = str(root if root is not None else default_root())
    try:
        facts = json.loads(files.read_bytes(files.join(uri, "lake.json")))
    except (FileNotFoundError, NotADirectoryError):
        raise NoLake(
            f"no lake at {uri}; `kormo ingest` or `kormo lake create` makes one there, "
            "--lake or $KORMO_LAKE names another"
        ) from None
    except ValueError:
        raise NoLake(f"{files.join(uri, 'lake.json')} is not JSON; is this a lake?") from None
    if facts.get("format", 0) > FORMAT:
        raise NoLake(
            f"the lake at {uri} has format {facts['format']}, newer than {FORMAT}; upgrade"
        )
    return Lake(uri)


def create(root: str | os.PathLike[str] | None = None) -> "Lake":
    """Open the lake at `root`, making it first where there is none."""
    uri = str(root if root is not None else default_root())
    marker = files.join(uri, "lake.json")
    if not files.exists(marker):
        if not files.is_remote(uri):
            Path(uri).mkdir(parents=True, exist_ok=True)
        files.write_bytes(marker, json.dumps({"format": FORMAT}).encode())
    return open(uri)
