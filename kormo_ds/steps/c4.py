"""`c4`: what C4's line rules would leave of a document, and whether that is enough.

C4 takes lines out. Here the text stays as it is; counted are the lines under each rule, those that
none holds for and the sentences in them. Every line that is not blank is counted once.

Source: Raffel et al. 2020 (T5, section 2.2), in datatrove's form: `lorem ipsum` and `{` speak
against a document only where they are in a line that the rules before them keep, so a listing
without a full stop does no harm (`c4_braces` counts all). FineWeb asks for no mark at the end of a
line: `c4.terminal=false`. Costs about 4 ns a byte.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from kormo_ds.steps.step import Step
from kormo_ds.steps.thresholds import check, reason
from lake import Column


@dataclass(frozen=True)
class C4(Step):
    """Signals of C4's rules."""

    terminal: bool = True
    """Whether a line must end in one of `.?!"'`, and not in `...`."""
    min_words_per_line: int = 3
    """Words between white space that a line must have."""
    max_word_length: int = 1000
    """Code points that a word may have."""
    min_sentences: int = 5
    """Fewer in the lines kept are `few_sentences`."""

    name: ClassVar = "c4"
    reads: ClassVar = ("text_clean",)
    columns: ClassVar = (
        Column("c4_lines_long_word", pa.int64(), "lines with a longer word than allowed"),
        Column("c4_lines_no_terminal", pa.int64(), "other lines without a mark at the end"),
        Column("c4_lines_few_words", pa.int64(), "other lines of too few words"),
        Column("c4_lines_lorem_ipsum", pa.int64(), "other lines with `lorem ipsum`"),
        Column("c4_lines_javascript", pa.int64(), "other lines with `javascript`"),
        Column("c4_lines_brace", pa.int64(), "other lines with `{`"),
        Column("c4_lines_policy", pa.int64(), "other lines about terms, privacy or cookies"),
        Column("c4_lines_kept", pa.int64(), "all other lines that are not blank"),
        Column("c4_sentences", pa.int64(), "sentences in the lines kept"),
        Column("c4_braces", pa.int64(), "`{` in the whole text"),
        Column("c4_reason", pa.string(), "kept, no_text, lorem_ipsum, brace or few_sentences"),
    )

    def __post_init__(self) -> None:
        check(self)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The counts and the reason."""
        from kormo_ds.text import c4

        limits = self.max_word_length, self.min_words_per_line, self.terminal
        found = c4.of(batch.column("text_clean"), *limits)
        rules = {
            "no_text": np.sum(found[:8], axis=0) == 0,
            "lorem_ipsum": found.lorem_ipsum > 0,
            "brace": found.brace > 0,
            "few_sentences": found.sentences < self.min_sentences,
        }
        return self.written(*map(pa.array, found), reason(rules))
