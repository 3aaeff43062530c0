"""Versions of a table, and tags: names that protect a version from clean-up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lake.errors import NoVersion, among

if TYPE_CHECKING:
    import lance


@dataclass(frozen=True)
class Version:
    """One version of a table."""

    version: int
    at: datetime
    tags: tuple[str, ...]


def tags(dataset: "lance.LanceDataset") -> dict[str, int]:
    """Version by tag."""
    return {tag: int(facts["version"]) for tag, facts in dataset.tags.list().items()}


def listed(dataset: "lance.LanceDataset") -> list[Version]:
    """All versions that are kept, oldest first."""
    tagged: dict[int, list[str]] = {}
    for tag, version in tags(dataset).items():
        tagged.setdefault(version, []).append(tag)
    return [
        Version(int(v["version"]), v["timestamp"], tuple(sorted(tagged.get(v["version"], ()))))  # type: ignore[arg-type]
        for v in dataset.versions()
    ]


def tag(dataset: "lance.LanceDataset", name: str) -> int:
    """Name the version that `dataset` is at; doing so twice is no error."""
    there = tags(dataset).get(name)
    version = int(dataset.version)
    if there is None:
        try:
            dataset.tags.create(name, version)
        except (ValueError, OSError) as error:
            reason = str(error).split(", /")[0]
            raise NoVersion(f"'{name}' cannot be a tag: {reason}") from error
    elif there != version:
        raise NoVersion(
            f"tag '{name}' names version {there} already; untag it or take another name"
        )
    return version


def untag(dataset: "lance.LanceDataset", name: str) -> None:
    """Remove a tag."""
    if name not in tags(dataset):
        raise NoVersion(f"no tag '{name}'; {among(name, tags(dataset))}")
    dataset.tags.delete(name)


def clean(dataset: "lance.LanceDataset", older_than: timedelta) -> int:
    """Delete older versions without a tag; returns the bytes freed."""
    freed = dataset.cleanup_old_versions(older_than=older_than, error_if_tagged_old_versions=False)
    return int(freed.bytes_removed)
