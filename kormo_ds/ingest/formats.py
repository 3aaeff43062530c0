"""Which reader reads which file, and which files a path stands for.

A path is one file of rows, one text or page, one archive, or a folder of all of these, whose files
are taken in the order of their names. The list of a folder's files is the only thing that grows.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from kormo_ds.errors import BadInput
from kormo_ds.ingest import html, json_lines, parquet, tar_archive, text, warc, zip_archive
from kormo_ds.ingest.patterns import Selection
from kormo_ds.ingest.reading import File, Reader

_ARCHIVES = (zip_archive, tar_archive)
_FORMATS = (json_lines, parquet, text, html, warc, *_ARCHIVES)
SUFFIXES = tuple(suffix for module in _FORMATS for suffix in module.SUFFIXES)


def reader(path: Path) -> Reader | None:
    """The reader for a file by the end of its name; None where there is none."""
    name = path.name.lower()
    return next((module.read for module in _FORMATS if name.endswith(module.SUFFIXES)), None)


def find(path: Path, selection: Selection) -> list[File]:
    """The files that `path` stands for, in reading order.

    Raises:
        BadInput: there is no such path, or nothing in it that can be read.
    """
    if path.is_dir():
        return _in_folder(path, selection)
    if not path.exists():
        raise BadInput(f"no file or folder {path}")
    if reader(path) is None:
        raise BadInput(f"cannot tell what {path} holds; names may end in {', '.join(SUFFIXES)}")
    name = "" if _is_archive(path) else path.name
    return [File(path, name, _size(path))]


def _in_folder(folder: Path, selection: Selection) -> list[File]:
    names = sorted(
        (Path(top) / name).relative_to(folder).as_posix()
        for top, _, names in os.walk(folder)
        for name in names
    )
    found = []
    for name in names:
        path = folder / name
        if reader(path) is None:
            selection.leave_out()
        elif _is_archive(path):  # its members are chosen, not it
            found.append(File(path, name, _size(path)))
        elif (below := selection.choose(name)) is not None:
            found.append(File(path, below, _size(path)))
    if not found:
        raise BadInput(f"nothing to read in {folder}: {nothing(len(names))}")
    return found


def nothing(n_left_out: int, skipped: Mapping[str, int] = MappingProxyType({})) -> str:
    """Why a folder or archive gave nothing."""
    if skipped:
        return (
            f"it holds no pages, only {', '.join(f'{n:,} {kind}' for kind, n in skipped.items())}"
        )
    if n_left_out == 0:
        return "it is empty"
    return (
        f"none of its {n_left_out:,} files is chosen by root, include and exclude and ends in "
        f"{', '.join(SUFFIXES)}"
    )


def _is_archive(path: Path) -> bool:
    return any(path.name.lower().endswith(module.SUFFIXES) for module in _ARCHIVES)


def _size(path: Path) -> int:
    """Bytes on disk; 0 for a link to nowhere, which its reader will reject."""
    return path.stat().st_size if path.exists() else 0
