"""`exact`: documents with the same text, by a 128-bit hash of it.

BLAKE2b of the text's UTF-8, so no two different texts meet by chance: at ten billion documents the
odds are 1 in 10**19. Documents without text (conversations, say) are compared with nothing. Costs
about 1 ns a byte, and 33 stored bytes a document.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.dedup.method import Method
from kormo_ds.errors import unknown
from kormo_ds.text import buffers
from lake import Column

NORMALIZE = ("none", "nfc", "no_space")
_BYTES = 16


@dataclass(frozen=True)
class Exact(Method):
    """The same text."""

    normalize: str = "none"
    """Before comparing: none; nfc, so that composed and conjoining Hangul are one; no_space, which
    is nfc and leaves white space out."""

    name: ClassVar = "exact"
    duplicate: ClassVar = "exact_duplicate"
    keys: ClassVar = "128-bit hash of the text, and its bytes; compared: it takes part"
    needs_settings: ClassVar = ("normalize",)
    bands: ClassVar = (("low", "high"),)
    fields: ClassVar = (pa.field("low", pa.int64()), pa.field("high", pa.int64()))
    columns: ClassVar = (
        Column("exact_dup_of", pa.string(), "doc_id of the same text that is kept; '' if this is"),
        Column("exact_reason", pa.string(), "kept, exact_duplicate or left_out"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.normalize not in NORMALIZE:
            raise unknown("setting normalize", self.normalize, NORMALIZE)

    def sketched(self, texts: pa.Array) -> tuple[pa.Array, list[pa.Array]]:
        """The two halves of the hash; an empty text has nothing to compare."""
        compared = pc.greater(pc.binary_length(texts), 0)
        halves = np.frombuffer(self._hashes(texts), np.int64).reshape(-1, 2)
        return compared, [pa.array(halves[:, 0]), pa.array(halves[:, 1])]

    def _hashes(self, texts: pa.Array) -> bytes:
        if self.normalize != "none":
            texts = pc.utf8_normalize(texts, form="NFC")
        if self.normalize == "no_space":
            whole = ("".join(text.as_py().split()).encode() for text in texts)
            return b"".join(blake2b(text, digest_size=_BYTES).digest() for text in whole)
        found = buffers.of(texts)
        data, ends = memoryview(found.data.data), found.offsets.tolist()
        return b"".join(
            blake2b(data[ends[i] : ends[i + 1]], digest_size=_BYTES).digest()
            for i in range(len(found))
        )
