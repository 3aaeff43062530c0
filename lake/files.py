"""Small files below a root, in a folder or an object store; a write is seen whole or not at all."""

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pafs

from lake.errors import NoTable


def is_remote(root: str) -> bool:
    """True for an object store (`s3://`, `gs://`, …), False for a folder."""
    return "://" in root


def join(root: str, *parts: str) -> str:
    """`root/a/b`; parts must stay below the root."""
    for part in parts:
        if any(name in ("", ".", "..") for name in part.split("/")):
            raise NoTable(
                f"'{part}' is not a name below {root}; use letters, digits, '-', '_', '.'"
            )
    return "/".join((root.rstrip("/"), *parts))


def read_bytes(uri: str) -> bytes:
    """The content of a file.

    Raises:
        FileNotFoundError: there is none.
    """
    if not is_remote(uri):
        return Path(uri).read_bytes()
    store, path = pafs.FileSystem.from_uri(uri)
    with store.open_input_stream(path) as file:
        return bytes(file.read())


def open_bytes(uri: str) -> pa.NativeFile:
    """A file to read from its start, for what is better read in parts.

    Raises:
        FileNotFoundError: there is none.
    """
    if not is_remote(uri):
        return pa.OSFile(uri)
    store, path = pafs.FileSystem.from_uri(uri)
    return store.open_input_stream(path)


def write_bytes(uri: str, *data: bytes | memoryview) -> None:
    """Write a file's parts whole: beside its place first, then renamed (a store puts whole)."""
    if is_remote(uri):
        store, path = pafs.FileSystem.from_uri(uri)
        with store.open_output_stream(path) as file:
            for part in data:
                file.write(part)
        return
    target = Path(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            for part in data:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def exists(uri: str) -> bool:
    """True if there is a file or a folder."""
    if not is_remote(uri):
        return Path(uri).exists()
    store, path = pafs.FileSystem.from_uri(uri)
    return bool(store.get_file_info(path).type != pafs.FileType.NotFound)


def names(uri: str) -> list[str]:
    """Names directly below a folder, sorted; none where there is no folder."""
    if not is_remote(uri):
        folder = Path(uri)
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    store, path = pafs.FileSystem.from_uri(uri)
    found = store.get_file_info(pafs.FileSelector(path, allow_not_found=True))
    return sorted(info.base_name for info in found)


def remove_tree(uri: str) -> None:
    """Remove a folder and all below it; nothing happens where there is none."""
    if not is_remote(uri):
        shutil.rmtree(uri, ignore_errors=True)
        return
    store, path = pafs.FileSystem.from_uri(uri)
    if exists(uri):
        store.delete_dir(path)
