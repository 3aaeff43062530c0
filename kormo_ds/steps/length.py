"""`length`: how long a document is, and whether that is within bounds.

Words are UAX #29 pieces that are not white space alone, so punctuation counts and a Korean eojeol
with its particle is one. The bounds are those of MassiveText (Rae et al. 2021, "Gopher", table A1:
50 to 100,000 words), which DCLM and FineWeb use too; they count words without punctuation.
"""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadConfig
from kormo_ds.steps.step import Step
from kormo_ds.steps.words import NAME as WORDS
from lake import Column


@dataclass(frozen=True)
class Length(Step):
    """Characters, bytes, words and lines."""

    min_words: int = 50
    """Fewer words are `too_short`."""
    max_words: int = 100_000
    """More words are `too_long`."""

    name: ClassVar = "length"
    reads: ClassVar = ("text_clean", WORDS)
    columns: ClassVar = (
        Column("n_chars", pa.int64(), "Unicode code points of text_clean"),
        Column("n_bytes", pa.int64(), "bytes of text_clean in UTF-8"),
        Column(
            "n_words",
            pa.int64(),
            "words of text_clean (UAX #29), punctuation included",
            bins=(0, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000),
        ),
        Column("n_lines", pa.int64(), "lines of text_clean, empty ones included"),
        Column("length_reason", pa.string(), "kept, no_text, too_short or too_long"),
    )

    def __post_init__(self) -> None:
        if not 0 <= self.min_words <= self.max_words:
            raise BadConfig(
                f"length.min_words={self.min_words} and length.max_words={self.max_words} "
                "leave no length at all; give 0 <= min_words <= max_words"
            )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The four counts and the reason."""
        from kormo_ds.text import words

        texts = batch.column("text_clean")
        n_words = words.count(texts, batch.column(WORDS))
        n_bytes = pc.binary_length(texts)
        unfinished = pc.and_(pc.greater(n_bytes, 0), pc.invert(pc.ends_with(texts, "\n")))
        n_lines = pc.add(pc.count_substring(texts, "\n"), pc.cast(unfinished, pa.int32()))
        reason = pc.case_when(
            pc.make_struct(
                pc.equal(n_words, 0),
                pc.less(n_words, self.min_words),
                pc.greater(n_words, self.max_words),
            ),
            "no_text",
            "too_short",
            "too_long",
            "kept",
        )
        return self.written(pc.utf8_length(texts), n_bytes, n_words, n_lines, reason)
