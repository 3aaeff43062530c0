"""One row of an input becomes one document, or a reject.

A column of `documents` comes from the input column that `columns.NAME` names; where that is missing
or NULL, from the constant `NAME`. `lang` may also come from the path, between the two. Text is kept
as it is. Cost: one look-up a mapped column, one UTF-8 encoding and one hash of the text.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kormo_ds.documents import conversation
from kormo_ds.documents.document import Document, Reject, Turn, Unusable, excerpt
from kormo_ds.documents.identity import doc_id
from kormo_ds.ingest import conversations
from kormo_ds.ingest.patterns import ByPath
from kormo_ds.ingest.rows import Row, value_of
from kormo_ds.ingest.source import LANG, PROVENANCE, REQUIRED, Source
from lake.tables import ORIGINS

PAGE = {"text": "text", "source_id": "record_id", "url": "url", "meta": "*"}
"""What a page says of itself; a source's `columns` may name other values of it, but for text."""


class _Columns(NamedTuple):
    """Which columns of an input are looked at, and for what."""

    text: str
    source_id: str | None
    provenance: list[tuple[int, str, str]]
    """Place and name in `PROVENANCE`, column of the input."""
    meta: list[str]
    used: frozenset[str]
    """Those that `*` leaves out of meta."""

    @classmethod
    def named(cls, columns: Mapping[str, str]) -> "_Columns":
        """From `columns.NAME` of a source."""
        text, source_id = columns.get("text", "text"), columns.get("source_id")
        provenance = [(i, n, columns[n]) for i, n in enumerate(PROVENANCE) if n in columns]
        meta = [name.strip() for name in columns.get("meta", "").split(",") if name.strip()]
        used = [key for key in (text, source_id, *(key for _, _, key in provenance)) if key]
        used += [key.split(".")[0] for key in used]
        return cls(text, source_id, provenance, meta, frozenset(used))

    def of(self, turns: frozenset[str]) -> "_Columns":
        """The same where the columns `turns` make the text."""
        outer = {key.split(".")[0] for key in turns}
        return self._replace(used=(self.used - {self.text}) | turns | outer)


_KIND = PROVENANCE.index("kind")
_FILE = _Columns.named({})


class ToDocument:
    """The mapping of one source, ready to be called for each row."""

    def __init__(self, source: Source):
        """Settle what does not depend on the row."""
        self._constants = [getattr(source, name) or None for name in PROVENANCE]
        self._row = _Columns.named(source.columns)
        self._page = _Columns.named({**PAGE, **source.columns, "text": "text"})
        self._meta_constants = dict(source.meta)
        self._max_chars = source.max_chars
        self._lang_by_path = ByPath(source.lang_by_path) if source.lang_by_path else None
        self._conversations = None
        if source.conversations:
            column = source.columns.get("messages", "")
            self._conversations = conversations.Conversations(source.conversations, column)
            self._row = self._row.of(self._conversations.reads)

    @property
    def reads(self) -> frozenset[str] | None:
        """The input columns that are looked at; None for all."""
        return None if "*" in self._row.meta else self._row.used | set(self._row.meta)

    def __call__(self, row: Row) -> Document | Reject:
        """The document of `row`, or why there is none."""
        try:
            return self._document(row)
        except Unusable as error:
            reason, detail = error.reason, error.detail
        except UnicodeEncodeError as error:
            reason, detail = "lone_surrogate", f"{error.object[error.start]!r} at {error.start}"
        return Reject(row.file, row.name, row.line, reason, excerpt(detail))

    def _document(self, row: Row) -> Document:
        whole_file = row.line == 0
        columns = self._page if row.page else _FILE if whole_file else self._row
        turns = self._turns(row) if self._conversations else None
        text = self._checked_text(row.values, columns.text, turns)
        provenance = list(self._constants)
        if self._lang_by_path and (lang := self._lang_by_path.find(row.name)):
            provenance[0] = lang
        for i, name, key in columns.provenance:
            if (value := _text(row.values, key, name)) is not None:
                provenance[i] = value
        source_id = None
        if columns.source_id:
            source_id = _text(row.values, columns.source_id, "source_id")
        if source_id is None and row.page:
            source_id = _text(row.values, PAGE["source_id"], "source_id")
        if source_id is None and whole_file:
            source_id = row.name
        if turns is not None:
            provenance[_KIND] = provenance[_KIND] or conversation.KIND
        meta = self._kept(row.values, columns)
        _check_provenance(provenance)
        if source_id is not None:
            _no_nul(source_id, "source_id")
        key = doc_id(provenance[1] or "", source_id, text, turns)
        return Document._make((key, source_id, text, *provenance, meta, turns))

    def _turns(self, row: Row) -> list[Turn]:
        assert self._conversations is not None
        if row.line == 0 or row.page:
            raise Unusable("no_turns", "a text or page, not a row of turns")
        return self._conversations.turns(row.values)

    def _checked_text(
        self, values: Mapping[str, Any], key: str, turns: Sequence[Turn] | None
    ) -> bytes:
        """The text of a row, or of its turns, as UTF-8."""
        text = value_of(values, key) if turns is None else conversation.text(turns)
        if text is None:
            found = f"column '{key}' is missing; there are {list(values)}"
            raise Unusable("no_text", found + conversations.hint(values))
        if not isinstance(text, str):
            raise Unusable("wrong_type", f"{key} is {type(text).__name__}: {text!r}")
        if not text or text.isspace():
            raise Unusable("empty_text", f"{key} is {text[:20]!r}")
        if len(text) > self._max_chars:
            raise Unusable("too_long", f"{len(text):,} characters; max_chars={self._max_chars}")
        data = text.encode()
        if b"\0" in data:
            at = text.index("\0")
            raise Unusable("nul_character", f"at {at}: {text[max(0, at - 40) : at + 40]!r}")
        return data

    def _kept(self, values: Mapping[str, Any], columns: _Columns) -> str | None:
        """The column meta: constants, then the columns of the row that are kept as JSON."""
        if "*" in columns.meta:
            kept = {key: value for key, value in values.items() if key not in columns.used}
        else:
            found = ((key, value_of(values, key)) for key in columns.meta)
            kept = {key: value for key, value in found if value is not None}
        meta: dict[str, Any] = self._meta_constants | kept
        if self._conversations and (tools := self._conversations.tools(values)):
            meta["tools"] = tools
        return _json(meta) if meta else None


def _text(values: Mapping[str, Any], key: str, column: str) -> str | None:
    """The value of an input column for a text column: text, or a whole number as its digits."""
    value = value_of(values, key)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        shown = f"{key} is {type(value).__name__}, {column} must be text: {value!r}"
        raise Unusable("wrong_type", shown)
    _no_nul(value, column)
    return value


def _no_nul(value: str, column: str) -> None:
    """Refuse U+0000 and, by encoding it, half a surrogate pair."""
    if b"\0" in value.encode():
        raise Unusable("nul_character", f"{column} is {value!r}")


def _json(meta: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(meta, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:  # a NaN of a Parquet column
        text = json.dumps(_without_nan(meta), ensure_ascii=False, default=str)
    text.encode()
    return text


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and not -1e400 < value < 1e400 else value


def _check_provenance(provenance: Sequence[str | None]) -> None:
    """Refuse a row without lang, source or origin, which come first, or with unknown ones."""
    for name, value in zip(REQUIRED, provenance, strict=False):
        if value is None:
            raise Unusable("no_provenance", f"the row has no {name} and no constant is given")
    lang, _, origin = provenance[:3]
    if not LANG.fullmatch(lang or ""):
        raise Unusable("unknown_lang", f"lang is {lang!r}, not a code such as ko or en")
    if origin not in ORIGINS:
        raise Unusable("unknown_origin", f"origin is {origin!r}, not one of {', '.join(ORIGINS)}")
