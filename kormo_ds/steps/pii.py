"""`pii`: personal data in a document as spans with their kind, which packing masks.

E-mail addresses, public IP addresses, phone numbers (Korean, North American, international), Korean
resident and business registration numbers, card numbers; `kormo_ds.text.pii` says how each is told
from what looks alike. FineWeb masks e-mail and public IP addresses (Penedo et al. 2024, section
3.1); the Korean numbers are added since the law protects them (Personal Information Protection
Act, article 24-2 for resident numbers). Costs about 3 ns a byte of text that holds little of it.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadConfig
from kormo_ds.steps.step import Step
from kormo_ds.steps.words import NAME as WORDS
from lake import Column
from lake.spans import MASKED

_COUNTS = {
    "EMAIL": ("n_pii_email", "e-mail addresses"),
    "IP": ("n_pii_ip", "public IP addresses"),
    "PHONE": ("n_pii_phone", "phone numbers"),
    "RRN": ("n_pii_rrn", "Korean resident registration numbers"),
    "BRN": ("n_pii_brn", "Korean business registration numbers"),
    "CARD": ("n_pii_card", "card numbers"),
}


@dataclass(frozen=True)
class Pii(Step):
    """Spans of personal data, and whether a document is made of it."""

    max_per_1000_words: float = 20.0
    """More spans per 1,000 words are `much_pii`: a list of people, not text about them."""
    min_spans: int = 5
    """Fewer spans are never `much_pii`: one address in a short note is no list."""

    name: ClassVar = "pii"
    reads: ClassVar = ("text_clean", WORDS)
    columns: ClassVar = (
        Column("pii_spans", MASKED, "bytes of text_clean with personal data, and its kind"),
        Column("pii_count", pa.int32(), "spans of personal data", bins=(0, 1, 2, 5, 10, 100)),
        *(Column(name, pa.int32(), meaning) for name, meaning in _COUNTS.values()),
        Column("pii_reason", pa.string(), "kept or much_pii"),
    )

    def __post_init__(self) -> None:
        if self.max_per_1000_words < 0 or self.min_spans < 1:
            raise BadConfig(
                f"pii.max_per_1000_words={self.max_per_1000_words} and "
                f"pii.min_spans={self.min_spans} reject texts without personal data; "
                "give at least 0 and 1"
            )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The spans, their counts and the reason."""
        from kormo_ds.text import pii, words

        texts = batch.column("text_clean")
        spans = pii.of(texts)
        count = pc.list_value_length(spans)
        n_words = words.count(texts, batch.column(WORDS))
        limit = pc.multiply(pc.cast(n_words, pa.float64()), self.max_per_1000_words / 1000)
        is_much = pc.and_(
            pc.greater_equal(count, self.min_spans), pc.greater(pc.cast(count, pa.float64()), limit)
        )
        reason = pc.if_else(is_much, "much_pii", "kept")
        return self.written(spans, count, *_by_kind(spans), reason)


def _by_kind(spans: pa.ListArray) -> list[pa.Array]:
    """For each kind, in the order of its columns, how many spans of it each text has."""
    rows = pc.list_parent_indices(spans).to_numpy()
    kinds = spans.flatten().field("kind")
    counted = []
    for kind in _COUNTS:
        of_kind = rows[pc.equal(kinds, kind).to_numpy(zero_copy_only=False)]
        counted.append(pa.array(np.bincount(of_kind, minlength=len(spans)).astype(np.int32)))
    return counted
