"""Where a sequences folder keeps its rows, in a folder or an object store."""


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
