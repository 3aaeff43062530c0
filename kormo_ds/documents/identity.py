"""Stable ids of documents and rejects: 128-bit BLAKE2b hashes as 32 hex digits.

Each field is hashed after its length in bytes, so no text can pass for parts of two fields. At ten
billion documents the chance of any two sharing an id is about 1 in 10**19.
"""

from collections.abc import Sequence
from hashlib import blake2b

from kormo_ds.documents.document import Turn

_BYTES = 16


def doc_id(
    source: str, source_id: str | None, text: bytes, messages: Sequence[Turn] | None = None
) -> str:
    """The id of a document: the same row is the same document for ever.

    Args:
        source: name of the source.
        source_id: id inside the source; None counts as the empty text.
        text: the text as UTF-8.
        messages: the turns of a conversation. They are hashed in place of its text, which does not
            tell who said what.

    >>> doc_id("a", "bc", b"text") != doc_id("ab", "c", b"text")
    True
    """
    head = source.encode()
    middle = (source_id or "").encode()
    lengths = len(head).to_bytes(8, "little") + len(middle).to_bytes(8, "little")
    if messages is None:
        return blake2b(b"".join((lengths, head, middle, text)), digest_size=_BYTES).hexdigest()
    hashed = blake2b(b"".join((lengths, head, middle)), digest_size=_BYTES, person=b"messages")
    for turn in messages:
        for part in (turn["role"], turn["reasoning"] or "", turn["content"]):
            data = part.encode()
            hashed.update(len(data).to_bytes(8, "little"))
            hashed.update(data)
    return hashed.hexdigest()


def reject_id(source: str, name: str, line: int, reason: str, detail: str) -> str:
    """The id of a reject: its place inside the source and what was found there."""
    hashed = blake2b(digest_size=_BYTES)
    for part in (source, name, str(line), reason, detail):
        data = part.encode("utf-8", "backslashreplace")
        hashed.update(len(data).to_bytes(8, "little"))
        hashed.update(data)
    return hashed.hexdigest()
