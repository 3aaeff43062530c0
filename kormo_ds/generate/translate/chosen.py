"""The documents that are translated, in the version that the lake has when they are chosen.

A translation is not translated again, so that a command may be repeated while its own documents
come into the lake. In memory stays the row of each document, 8 bytes; texts are read by rows, a few
hundred at a time, once for asking and once for the answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.documents.document import Turn
from kormo_ds.errors import BadInput
from kormo_ds.generate import seed
from kormo_ds.generate.translate.settings import Settings
from kormo_ds.recorded.documents import numbered
from kormo_ds.text import final
from lake import condition

_ROWS = 256
_COLUMNS = ("doc_id", "text", "messages", "lang", "source", "kind", "url", "license", "parent_id")
_SEED_CHARS = 1000  # of a seed's text only the id is used


class Parent(NamedTuple):
    """A document that is translated."""

    doc_id: str
    text: str
    """Its final text, as far as steps have written one."""
    messages: Sequence[Turn] | None
    lang: str | None
    source: str | None
    kind: str | None
    url: str | None
    license: str | None
    parent_id: str | None


@dataclass(frozen=True)
class Chosen:
    """Documents of one version of the lake, in order."""

    dataset: Any
    rows: np.ndarray
    """Their rows in `dataset`, int64."""
    n_left_out: int = 0
    """Documents that were chosen and are in another language, or translations."""

    def __iter__(self) -> Iterator[Parent]:
        names = set(self.dataset.schema.names)
        columns = [*_COLUMNS, *final.needed(names)]
        columns += ["text_clean"] if "text_clean" in names else []
        for first in range(0, len(self.rows), _ROWS):
            found = self.dataset.take(self.rows[first : first + _ROWS], columns=columns)
            rows = found.select(_COLUMNS).to_pylist()
            for row, text in zip(rows, final.readable(found), strict=True):
                yield Parent(**row | {"text": text})


def choose(lk: lake.Lake, settings: Settings) -> Chosen:
    """The documents that `settings` asks for.

    Raises:
        BadInput: there is none.
        BadQuery: a condition that DuckDB refuses.
        UnknownName, BadContract: a query that is not there, or is none of seeds.
    """
    import duckdb

    if settings.select:
        wanted = seed.Seeds(settings.select, settings.parameters, chars=_SEED_CHARS)
        ids = pa.array((found.doc_id for found in seed.read(lk, wanted)), pa.string())
    else:
        condition.check(settings.where)
        text = f"select doc_id from documents where (\n{settings.where}\n) order by doc_id"
        ids = lk.sql(text).to_arrow_table().column(0)
    dataset = lk.dataset("documents")
    places = pa.table({"doc_id": ids, "place": pa.array(np.arange(len(ids)))})
    with duckdb.connect() as con:
        con.register("wanted", places)
        con.register("present", numbered(dataset, ("doc_id", "lang", "origin")))
        found = con.sql(
            "select number from wanted join present using (doc_id) where lang = $lang "
            "and origin is distinct from 'translated' order by place",
            params={"lang": settings.lang},
        ).to_arrow_table()
    rows = found.column("number").to_numpy()
    if not len(rows):
        raise BadInput(
            f"none of {len(ids):,} documents is in lang={settings.lang} and no translation itself"
        )
    return Chosen(dataset, rows[: settings.limit or None], len(ids) - len(rows))
