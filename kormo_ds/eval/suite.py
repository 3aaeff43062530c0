"""Lists of tasks with their shots and the figures that others published: `suites/NAME.yaml`.

A suite names the harness's task for each entry, or says plainly that there is none.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kormo_ds.errors import BadInput, unknown

FOLDER = Path(__file__).with_name("suites")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One benchmark of a suite."""

    name: str
    """As the table that it comes from has it."""
    lang: str
    task: str | None = None
    """The harness's task or group; None where it has none."""
    why: str = ""
    """What there is to say: how it differs from the published one, or why there is none."""
    shots: int | None = None
    """Examples before each question; None as the harness's task has it."""
    metric: str = "acc"
    """The one that is compared."""
    figures: dict[str, float] = field(default_factory=dict)
    """What was published, by model, in percent."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A list of benchmarks."""

    name: str
    source: str
    """Where the figures come from."""
    protocol: str
    """What is known of how they were found."""
    entries: list[Entry]
    averages: dict[str, dict[str, float]]
    """Published averages over all entries of a language, by model and language, in percent."""


def names() -> list[str]:
    """The suites there are."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read(name: str) -> Suite:
    """The suite of that name.

    Raises:
        UnknownName: no such suite.
        BadInput: its file is not one.
    """
    path = FOLDER / f"{name}.yaml"
    if name not in names():
        raise unknown("suite", name, names())
    return parse(path.read_text(encoding="utf-8"), name)


def parse(text: str, name: str) -> Suite:
    """The suite that a file's text tells of; raises BadInput where it does not."""
    try:
        content: dict[str, Any] = yaml.safe_load(text)
        entries = [Entry(**entry) for entry in content.pop("entries")]
        return Suite(name=name, entries=entries, **content)
    except (yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        said = " ".join(str(error).split())
        raise BadInput(f"suite {name} cannot be read: {said}") from error
