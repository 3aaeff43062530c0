"""JSON lines, plain or compressed: one object a line; blank lines are not rows.

A `.json` whose first character is a bracket is one array, read by `json_array`. Memory: one block
and one line. NaN and Infinity, which JSON does not have, are read as null.
"""

import codecs
from collections.abc import Iterator
from itertools import chain

from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.ingest import json_array
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row
from kormo_ds.ingest.streams import BrokenFile, blocks, lines
from kormo_ds.ingest.text import bad_bytes

SUFFIXES = tuple(
    kind + packed for kind in (".jsonl", ".ndjson", ".json") for packed in ("", ".gz", ".zst")
)
_ARRAYS = (".json", ".json.gz", ".json.zst")


def read(file: File, reading: Reading) -> Iterator[Row | Reject]:
    """The rows of the file in their order; a damaged end is one reject."""
    path, number = str(file.path), 0
    limit = reading.max_line_bytes
    try:
        stream = blocks(file.path, reading.advance)
        if file.path.name.lower().endswith(_ARRAYS):
            is_array, stream = _is_array(stream)
            if is_array:
                yield from json_array.read(file, stream, reading)
                return
        for line in lines(stream, limit):
            number += 1
            if line is None:
                detail = f"a line of more than {limit:,} bytes; max_chars={reading.max_chars}"
                yield Reject(path, file.name, number, "too_long", detail)
                continue
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if not line or line.isspace():
                continue
            yield _row(path, file.name, number, line)
    except BrokenFile as error:
        yield Reject(path, file.name, number + 1, "broken_file", excerpt(str(error)))


def _is_array(stream: Iterator[bytes]) -> tuple[bool, Iterator[bytes]]:
    """Whether a bracket is the first thing that stands in the stream; and the whole stream."""
    begin = bare = b""
    for block in stream:
        begin += block
        bare = begin.removeprefix(codecs.BOM_UTF8).lstrip()
        if bare and len(begin) > len(codecs.BOM_UTF8):
            break
    return bare.startswith(b"["), chain([begin], stream)


def _row(path: str, name: str, number: int, line: bytes) -> Row | Reject:
    try:
        values = json_array.DECODER.decode(line.decode())
    except UnicodeDecodeError as error:
        return Reject(path, name, number, "invalid_utf8", bad_bytes(error))
    except (ValueError, RecursionError) as error:
        shown = excerpt(f"{error}: {line[:160].decode(errors='replace')}")
        return Reject(path, name, number, "broken_json", shown)
    if not isinstance(values, dict):
        return Reject(path, name, number, "not_an_object", excerpt(values))
    return Row(path, name, number, values)
