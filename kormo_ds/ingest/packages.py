"""Source packages of the Python package index as pinned, hash-checked inputs.

`pip download` fetches one file into a folder that is kept; its SHA-256 is compared after the
download and whenever the file is used again. Nothing is installed; the file is read as an archive.

pip itself checks the pinned hash before it opens a file. For a source distribution it then asks the
package's build backend for metadata, in an environment of its own, and has no switch against that.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kormo_ds.errors import BadConfig, BadInput, Damaged, unknown

_WHEEL = ".whl"


@dataclass(frozen=True, kw_only=True)
class Package:
    """One file of one release on the package index."""

    name: str
    version: str
    file: str
    """File name, e.g. 'fastapi-0.110.0.tar.gz'; a wheel ends in .whl."""
    sha256: str
    """64 hex digits."""

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"

    @classmethod
    def parse(cls, given: Any) -> "Package":
        """A package from the four values of a YAML mapping.

        Raises:
            BadConfig: not exactly these four, or not a SHA-256.
            UnknownName: another value among them.
        """
        names = [field.name for field in fields(cls)]
        values = given if isinstance(given, Mapping) else {}
        for name in values:
            if name not in names:
                raise unknown("option", f"package.{name}", [f"package.{n}" for n in names])
        missing = [name for name in names if not values.get(name)]
        if missing:
            raise BadConfig(f"option package: {', '.join(missing)} not given")
        if not re.fullmatch("[0-9a-f]{64}", values["sha256"]):
            raise BadConfig(f"package.sha256={values['sha256']}: needs 64 hex digits")
        return cls(**values)


def fetch(package: Package, folder: Path) -> Path:
    """The package's file in `folder`, downloaded only if it is not there.

    Raises:
        BadInput: pip could not download it.
        Damaged: the file there, or the one downloaded, has another hash than the pinned one.
    """
    path = folder / package.file
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            _download(package, Path(fresh), folder)
            _check(Path(fresh) / package.file, package)
            os.replace(Path(fresh) / package.file, path)
    _check(path, package)
    return path


def _download(package: Package, target: Path, folder: Path) -> None:
    requirement = target / "requirement.txt"
    requirement.write_text(f"{package} --hash=sha256:{package.sha256}\n")
    form = "--only-binary" if package.file.endswith(_WHEEL) else "--no-binary"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    command += ["--disable-pip-version-check", "--ignore-requires-python", form, package.name]
    command += ["--dest", str(target), "--requirement", str(requirement)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0 and (target / package.file).exists():
        return
    said = done.stderr + done.stdout
    if other := re.search(r"Got\s+([0-9a-f]{64})", said):
        raise _mismatch(package, other.group(1), f"the index's {package.file}")
    errors = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()
    raise BadInput(
        f"could not download {package}: {errors[-1] if errors else 'pip gave another file'}; "
        f"without network, put {package.file} into {folder}"
    )


def _check(path: Path, package: Package) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != package.sha256:
        raise _mismatch(package, found, str(path))


def _mismatch(package: Package, found: str, what: str) -> Damaged:
    return Damaged(
        f"{what} is not the pinned {package}: sha256 is {found}, must be {package.sha256}; "
        "delete it to download it again"
    )
