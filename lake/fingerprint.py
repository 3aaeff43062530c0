"""One way to turn settings into a name that changes when they do."""

import hashlib
import json
from typing import Any


def fingerprint(*parts: Any) -> str:
    """The first 16 hex digits of the SHA-256 of `parts` as canonical JSON (keys sorted).

    >>> fingerprint("length", 1, {"min_words": 5}) == fingerprint("length", 1, {"min_words": 5})
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
