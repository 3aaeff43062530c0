"""Where a sequences folder keeps its rows, in a folder or an object store."""

from pathlib import Path


def rows_uri(folder: str) -> str:
    """The Lance dataset of the sequences in `folder`."""
    return f"{folder.rstrip('/')}/rows.lance"


def neighbours(folder: str) -> list[str]:
    """Names of the sequences that stand beside `folder`, sorted, itself included if it is there."""
    from pyarrow import fs

    above = folder.rstrip("/").rpartition("/")[0] or "."
    if "://" in above:
        store, path = fs.FileSystem.from_uri(above)
    else:
        store, path = fs.LocalFileSystem(), above
    found = store.get_file_info(fs.FileSelector(path, allow_not_found=True))
    return sorted(info.base_name for info in found if info.type == fs.FileType.Directory)


def file_bytes(folder: str, name: str) -> bytes | None:
    """A file that stands beside the rows in `folder`; None where there is none."""
    from pyarrow import fs

    folder = folder.rstrip("/")
    if "://" in folder:
        store, path = fs.FileSystem.from_uri(folder)
    else:
        store, path = fs.LocalFileSystem(), str(Path(folder).resolve())
    try:
        with store.open_input_file(f"{path}/{name}") as file:
            found: bytes = file.read()
            return found
    except FileNotFoundError:
        return None
