"""The recorded mixtures of a lake: rows of the table `mixtures`, found by name."""

from dataclasses import dataclass
from datetime import datetime

import lake
from kormo_ds.errors import BadInput, unknown


@dataclass(frozen=True)
class Mixture:
    """One row of `mixtures`; the fields are its columns."""

    mixture: str
    version: int
    sql_sha256: str
    sql: str
    """The views that the query used, then the query: all that `verify` needs."""
    parameters: str
    documents_version: int
    tag: str
    created_at: datetime
    n_documents: int
    n_bytes: int | None
    n_tokens: int | None
    tokenizer: str | None
    digest: str

    @property
    def name(self) -> str:
        """What it is called by, 'demo@1'."""
        return f"{self.mixture}@{self.version}"

    @property
    def table(self) -> str:
        """The lake's sub-table of its rows."""
        return f"mixtures/{self.name}"


def mixtures(lk: lake.Lake) -> list[Mixture]:
    """All recorded mixtures, by name and version."""
    if not lk.exists("mixtures"):
        return []
    rows = lk.dataset("mixtures").to_table().to_pylist()
    return sorted((Mixture(**row) for row in rows), key=lambda m: (m.mixture, m.version))


def find(lk: lake.Lake, name: str) -> Mixture:
    """The mixture 'demo@2', or for 'demo' its newest version.

    Raises:
        UnknownName: not recorded; the nearest name is given.
        BadInput: what stands behind the '@' is not a number.
    """
    known = mixtures(lk)
    stem, at, version = name.partition("@")
    if at and not version.isdigit():
        raise BadInput(f"'{name}' is not a mixture's name; write NAME or NAME@VERSION, as demo@1")
    found = [m for m in known if m.mixture == stem and (not at or m.version == int(version))]
    if not found:
        names = [m.name for m in known]
        hint = f"record it with: kormo mixture run {stem}"
        raise unknown("recorded mixture", name, names, hint)
    return found[-1]
