"""WARC archives (ISO 28500): each HTML page that a server answered with is a row.

`records` finds the records, fastwarc reads their headers and undoes HTTP's encodings, `html` takes
the main content. Records that are no answers (requests, metadata, …) are left out and counted; an
answer that is no document is a reject. Memory: a few copies of one record.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Literal

from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.ingest import html
from kormo_ds.ingest.members import Archive
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.records import Lost, Record, records
from kormo_ds.ingest.rows import Row

SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
_TYPE = re.compile(rb"^warc-type[ \t]*:[ \t]*([\w-]+)", re.I | re.M)
_PAGES = (b"response", b"resource")
_HTML = ("text/html", "application/xhtml+xml")
_WARC_FACTS = {"WARC-Date": "date", "WARC-Truncated": "truncated"}
_HTTP_FACTS = {
    "Content-Type": "content_type",
    "Content-Language": "content_language",
    "Last-Modified": "last_modified",
}
_SNIFFED = 1_024


def read(file: File, reading: Reading) -> Iterator[Row | Reject]:
    """The pages of the archive in their order, and what cannot be one."""
    path = str(file.path)
    for found in records(Archive(file.path, reading.advance), reading.max_page_bytes):
        if isinstance(found, Lost):
            detail = excerpt(f"{found.place}: {found.why}")
            yield Reject(path, file.name, found.number, "broken_record", detail)
            continue
        kind = _TYPE.search(found.head)
        if kind is None or kind[1].lower() not in _PAGES:
            shown = kind[1].decode().lower() if kind else "untyped"
            reading.selection.skip(shown)
            continue
        yield _row(path, file.name, found, reading)


def _row(path: str, name: str, found: Record, reading: Reading) -> Row | Reject:
    """The page of a record, or why it is none."""

    def reject(reason: str, detail: str) -> Reject:
        return Reject(path, name, found.number, reason, excerpt(f"{found.place}: {detail}"))

    def too_long(n_bytes: str) -> Reject:
        return reject("too_long", f"a page of {n_bytes} bytes; max_chars={reading.max_chars}")

    if found.body is None:
        return too_long(f"{found.length:,}")
    try:
        record, data = _parsed(found, "all", reading)
    except OSError as error:
        try:  # some crawlers undo an encoding and still name it
            record, data = _parsed(found, "none", reading)
        except OSError:
            data = b""
        if not _begins_markup(data):
            return reject("broken_record", str(error))
    url = record.headers.get("WARC-Target-URI")
    if record.is_http:
        status = record.http_headers.status_code
        if status is None:
            return reject("broken_record", f"no HTTP status line; {url}")
        if status != 200:
            return reject("http_status", f"status {status}; {url}")
    headers = record.http_headers if record.is_http else record.headers
    content_type = (headers.get("Content-Type") or "").split(";")[0].strip().lower()
    if content_type not in _HTML and (content_type or not _begins_markup(data)):
        return reject("not_html", f"{content_type or 'no content type'}; {url}")
    if len(data) > reading.max_page_bytes:
        return too_long(f"more than {reading.max_page_bytes:,}")
    facts = {"record_id": (record.record_id or "").strip("<>") or None, "url": url}
    facts |= {fact: record.headers.get(header) for header, fact in _WARC_FACTS.items()}
    if record.is_http:
        facts |= {fact: record.http_headers.get(header) for header, fact in _HTTP_FACTS.items()}
    return html.page(path, name, found.number, data, record.http_charset, facts)


def _parsed(found: Record, decode: Literal["all", "none"], reading: Reading) -> tuple[Any, bytes]:
    """The record and its content, decoded as its HTTP header says ('all') or as it is ('none')."""
    from fastwarc.warc import ArchiveIterator

    assert found.body is not None
    stream = io.BytesIO(found.head + found.body)
    lenient: Any = {"quirks_mode": True, "max_header_len": len(found.head) + len(found.body)}
    record = next(iter(ArchiveIterator(stream, parse_http=False, **lenient)))
    record.parse_http(auto_decode=decode, **lenient)
    return record, record.reader.read(reading.max_page_bytes + 1)


def _begins_markup(data: bytes) -> bool:
    """True for what begins like a page: browsers look no further either."""
    return data[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
