"""What a reader yields: rows, and rejects with the reason why something is not a row.

    file ──reader──▶ Row | Reject ──mapping──▶ Document | Reject ──chunk──▶ lake

Nothing here costs more than a tuple a row.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kormo_ds.documents import conversation

REASONS = {
    "broken_json": "the line is not JSON",
    "not_an_object": "the line is JSON, but not an object `{…}`",
    "no_text": "the row has no text, or NULL",
    "empty_text": "the text is empty, or white space only; of a page, all was boilerplate",
    "wrong_type": "a value is of a type that its column cannot take",
    "invalid_utf8": "the bytes are not UTF-8",
    "lone_surrogate": "a value holds half a UTF-16 pair, which UTF-8 cannot express",
    "nul_character": "a value holds U+0000, as binary data does",
    "too_long": "the text has more than `max_chars` characters, or its line or file must have; "
    "a page has more than four times as many bytes and 16 MiB",
    "no_provenance": "the row has no lang, source or origin, and the options give none",
    "unknown_lang": "lang is not a language code such as `ko`, `en` or `zh-Hant`",
    "unknown_origin": "origin is none of crawled, curated, synthetic, translated",
    "broken_file": "the file or archive is damaged or cut off; what follows in it was not read",
    "broken_record": "a record of a WARC archive is damaged, cut off or of another length than it "
    "says, or bytes between records are none; reading went on at the next record",
    "http_status": "the server's answer has another status than 200",
    "not_html": "the answer is not HTML",
    "no_charset": "the page's bytes are text in no charset that it states or that can be detected",
    "too_deep": "`div` and `article` of the page are nested more than 1,000 deep",
    "unreadable_file": "the system does not let the file be read",
    **conversation.REASONS,
}
"""Every reason with its meaning; `kormo ingest` counts by these words."""


class Row(NamedTuple):
    """One row of a file of rows, or a whole file of text."""

    file: str
    """Where it is on disk: the file, or archive and member."""
    name: str
    """The same inside the source: path below the folder or archive, or the file's own name."""
    line: int
    """Line, row or element number from 1; 0 where the whole file is the row, and its text the only
    value (but for a page)."""
    values: Mapping[str, Any]
    page: bool = False
    """A web page: it says itself what its URL and id are, and all else of it goes into meta."""


def value_of(values: Mapping[str, Any], key: str) -> Any:
    """The value of a column; `a.b` is b inside a where no column has that very name."""
    if key in values or "." not in key:
        return values.get(key)
    inner: Any = values
    for part in key.split("."):
        inner = inner.get(part) if isinstance(inner, Mapping) else None
    return inner
