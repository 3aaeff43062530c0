"""Tables of run folders (`run_columns` says which), made when a query names them.

The folders are those below one folder, `runs` beside the lake unless another is named
(`settings.runs_folder`), and those of the checkpoints in the lake's table `runs`. Nothing is copied
into the lake, so a run that is still training is there, step by step. Asking costs a look at every
folder; what has not changed is the same object as before.
"""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

import lake
from kormo_ds.dashboard import run_files
from kormo_ds.dashboard.run_columns import TABLES
from kormo_ds.dashboard.run_folder import Folder
from lake import duck


def tables(lk: lake.Lake, folder: Path | None) -> duck.Extra:
    """The tables by name, for `duck.connect` and the `Asker`.

    Args:
        lk: the lake.
        folder: the folder of run folders; None for those alone that the lake knows.
    """
    made = _Tables(lk, folder)
    return {name: partial(made.table, name) for name in TABLES}


def folders(lk: lake.Lake, folder: Path | None) -> dict[str, Path]:
    """The run folders by their names; a second one of a name has its parent's before it."""
    found: dict[str, Path] = {}
    seen: set[Path] = set()
    for path in (*(run_files.listed(folder) if folder else ()), *_known(lk)):
        if path.resolve() in seen or not (path / "run.yaml").is_file():
            continue
        seen.add(path.resolve())
        name = path.name if path.name not in found else f"{path.parent}/{path.name}"
        found[name] = path
    return found


def _known(lk: lake.Lake) -> Iterator[Path]:
    """Folders of the runs in the lake's table."""
    if lk.exists("runs"):
        for checkpoint in lk.dataset("runs").to_table(columns=["checkpoint"])["checkpoint"]:
            yield Path(checkpoint.as_py() or "").parent.parent


class _Tables:
    """All tables of a lake's runs; for many threads."""

    def __init__(self, lk: lake.Lake, folder: Path | None) -> None:
        self._lk, self._folder = lk, folder
        self._lock = threading.Lock()
        self._runs: dict[str, Folder] = {}
        self._made: dict[str, tuple[list[Any], pa.Table]] = {}

    def table(self, name: str) -> pa.Table:
        """A table; the same object as long as nothing changed in it."""
        with self._lock:
            parts = [getattr(run, name)() for run in self._look()]
            before, table = self._made.get(name, ([], None))
            if table is None or not _alike(before, parts):
                table = _whole(parts, TABLES[name].schema)
                self._made[name] = (parts, table)
            return table

    def _look(self) -> list[Folder]:
        """The runs, by name; one that stands elsewhere now is read anew."""
        runs = {}
        for name, path in sorted(folders(self._lk, self._folder).items()):
            kept = self._runs.get(name)
            runs[name] = kept if kept and kept.path == path else Folder(name, path)
        self._runs = runs
        return list(runs.values())


def _alike(before: list[Any], now: list[Any]) -> bool:
    """Whether the parts are the same tables, or equal rows."""
    same = (a is b or (isinstance(a, list) and a == b) for a, b in zip(before, now, strict=False))
    return len(before) == len(now) and all(same)


def _whole(parts: list[Any], schema: pa.Schema) -> pa.Table:
    made = [run_files.typed(part, schema) if isinstance(part, list) else part for part in parts]
    return pa.concat_tables([schema.empty_table(), *made])
