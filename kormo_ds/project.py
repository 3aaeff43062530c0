"""Where the project's own data files are: `sql/` and `ds_configs/`.

The user's working folder comes first, so a file of the same name there wins; then the checkout
beside this package; then the copy inside an installed wheel.
"""

from pathlib import Path

from kormo_ds.errors import unknown

_PACKAGE = Path(__file__).resolve().parent


def folders(name: str) -> list[Path]:
    """All existing folders `name` ('sql', 'ds_configs', with sub-folders), the first one wins."""
    places = (Path.cwd(), _PACKAGE.parent, _PACKAGE / "_project")
    found = dict.fromkeys((place / name).resolve() for place in places)
    return [folder for folder in found if folder.is_dir()]


def files(name: str, suffix: str) -> dict[str, Path]:
    """Files below `name` ending in `suffix`, by their path without suffix, e.g. 'a/b'."""
    found: dict[str, Path] = {}
    for folder in folders(name):
        for path in sorted(folder.rglob(f"*{suffix}")):
            found.setdefault(path.relative_to(folder).with_suffix("").as_posix(), path)
    return found


def file(kind: str, name: str, folder: str, suffix: str) -> Path:
    """The file of a `kind` ('run', 'mixture', …) by its name in `folder`, or by its own path.

    Raises:
        UnknownName: neither a path that exists nor a name that is known.
    """
    if name.endswith(suffix) and Path(name).is_file():
        return Path(name)
    known = files(folder, suffix)
    if name not in known:
        raise unknown(kind, name, known)
    return known[name]
