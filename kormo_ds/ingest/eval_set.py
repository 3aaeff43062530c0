"""An evaluation set into the lake: files of items become the sub-table `eval_sets/NAME`.

Read by the readers of `kormo ingest`. A set is small, so it is held in memory, compared with what
is there, and written in one commit: whole or not at all, and not again where nothing changed. Rows
that cannot be items are counted by their reason, and left out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

import lake
from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.ingest import formats
from kormo_ds.ingest.patterns import Selection
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row, value_of
from kormo_ds.ingest.source import LANG
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import eval_sets

REASONS = {
    "duplicate_item": "another row before it has the same id",
}
"""Reasons of this module; the others are those of `kormo ingest`."""
_MAX_CHARS = 1_000_000


@dataclass(frozen=True)
class Columns:
    """What of a row makes an item."""

    text: str = "text"
    """Columns whose text is looked for, with commas; a list's texts are taken in order."""
    id: str = ""
    """Column of the id; empty for the line, with the file's name where there are several."""
    lang: str = ""
    """Language code of all items; empty where it is not known."""

    def __post_init__(self) -> None:
        if not self.names:
            raise BadConfig("text= names no column; give those whose text is looked for")
        if self.lang and not LANG.fullmatch(self.lang):
            raise BadConfig(f"lang={self.lang} is not a language code such as ko or en")

    @property
    def names(self) -> list[str]:
        """The columns of `text`."""
        return [name.strip() for name in self.text.split(",") if name.strip()]


@dataclass
class Added:
    """What was done with a set."""

    name: str
    n_read: int = 0
    """Rows read; n_read = n_items + n_rejected."""
    n_items: int = 0
    n_before: int | None = None
    """Items that the set had before; None where it is new."""
    is_written: bool = False
    """False where the lake has the very same items already."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Rows that cannot be items, by reason."""
    examples: dict[str, str] = field(default_factory=dict)
    """The first reject of each reason: place and detail."""

    @property
    def n_rejected(self) -> int:
        """Rows that cannot be items."""
        return self.rejected.total()


def add(
    lk: lake.Lake,
    name: str,
    paths: Sequence[str],
    columns: Columns,
    progress: Advance = silent,
) -> Added:
    """Read the files of a set and make it, or replace it where its items are others now.

    Args:
        lk: the lake.
        name: of the set: letters, digits, - and _.
        paths: files, folders or archives, in this order.
        columns: of the items.
        progress: told of bytes read.

    Raises:
        BadInput: a name or path that cannot be used, or no row that can be an item.
        LakeLocked: another process is writing.
    """
    table = eval_sets.table(name)
    selection = Selection()
    files = [file for path in paths for file in formats.find(Path(path), selection)]
    progress(0, total=sum(file.size for file in files))
    done = Added(name)
    items: dict[str, dict[str, Any]] = {}
    for row in _rows(files, Reading(selection, _MAX_CHARS, None, progress)):
        done.n_read += 1
        item = row if isinstance(row, Reject) else _item(row, columns, len(files) > 1)
        if not isinstance(item, Reject) and item["item"] in items:
            first = items[item["item"]]
            detail = f"id {item['item']} is that of line {first['line']} of {first['file']}"
            item = Reject(row.file, row.name, row.line, "duplicate_item", excerpt(detail))
        if isinstance(item, Reject):
            done.rejected[item.reason] += 1
            place = f"{item.file}:{item.line}" if item.line else item.file
            done.examples.setdefault(item.reason, excerpt(f"{place}: {item.detail}"))
        else:
            items[item["item"]] = item
    if not items:
        why = next(iter(done.examples.values()), "there are no rows")
        raise BadInput(f"no item for evaluation set {name}: {why}; text=COLUMN names the text")
    done.n_items = len(items)
    rows = pa.Table.from_pylist(list(items.values()), schema=eval_sets.SCHEMA)
    with lk.lock(f"evals add {name}"):
        before = eval_sets.read(lk, name) if lk.exists(table) else None
        done.n_before = None if before is None else len(before)
        if before is None or not before.equals(rows):
            lk.write(table, rows)
            done.is_written = True
    return done


def _rows(files: Sequence[File], reading: Reading) -> Iterator[Row | Reject]:
    for file in files:
        read = formats.reader(file.path)
        assert read is not None  # `formats.find` gives out readable kinds only
        try:
            yield from read(file, reading)
        except OSError as error:
            shown = excerpt(error.strerror or str(error))
            yield Reject(str(file.path), file.name, 0, "unreadable_file", shown)


def _item(row: Row, columns: Columns, with_file: bool) -> dict[str, Any] | Reject:
    """The item of a row, or why there is none."""
    names = ["text"] if row.line == 0 else columns.names
    parts: list[str] = []
    for name in names:
        value = value_of(row.values, name)
        if value is None:
            detail = f"column '{name}' is missing; there are {list(row.values)}"
            return Reject(row.file, row.name, row.line, "no_text", excerpt(detail))
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            detail = f"{name} is neither text nor a list of texts: {value!r}"
            return Reject(row.file, row.name, row.line, "wrong_type", excerpt(detail))
        parts += texts
    text = "\n".join(parts)
    item = _id(row, columns.id, with_file)
    reason, detail = _fault(text, item)
    if reason:
        return Reject(row.file, row.name, row.line, reason, excerpt(detail))
    return {
        "item": item,
        "text": text,
        "lang": columns.lang or None,
        "file": row.file,
        "line": row.line,
    }


def _id(row: Row, column: str, with_file: bool) -> str | None:
    if row.line == 0:
        return row.name
    if column:
        return _id_of(row.values, column)
    return f"{Path(row.name).name.split('.')[0]}/{row.line}" if with_file else str(row.line)


def _id_of(values: Mapping[str, Any], column: str) -> str | None:
    value = value_of(values, column)
    is_id = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    return str(value) if is_id else None


def _fault(text: str, item: str | None) -> tuple[str, str]:
    """Why a text with this id is no item: reason and detail; empty where it is one."""
    if item is None:
        return "wrong_type", "the id is missing, or neither text nor a whole number"
    if not text or text.isspace():
        return "empty_text", f"the text is {text[:20]!r}"
    if len(text) > _MAX_CHARS:
        return "too_long", f"{len(text):,} characters; {_MAX_CHARS:,} is the most"
    try:
        (text + item).encode()
    except UnicodeEncodeError as error:
        return "lone_surrogate", f"{error.object[error.start]!r} at {error.start}"
    return ("nul_character", "U+0000 in it") if "\0" in text + item else ("", "")
