"""`fineweb`: lists, menus and forms that look like prose to other rules, by their lines.

Source: Penedo et al. 2024 (FineWeb, section 3.6), in datatrove's form: fractions are of the lines
that are not blank, and characters are those of the text without newlines. Costs about 2 ns a byte.
"""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.steps.step import Step
from kormo_ds.steps.thresholds import check, ratio, reason
from kormo_ds.steps.words import LENGTHS
from lake import Column

_TENTHS = tuple(tenth / 10 for tenth in range(11))


@dataclass(frozen=True)
class FineWeb(Step):
    """Signals of FineWeb's own rules."""

    min_line_punct: float = 0.12
    """A smaller share of lines that end as sentences do is `few_line_ends`."""
    max_short_lines: float = 0.67
    """A larger share of short lines is `short_lines`."""
    short_line: int = 30
    """Code points of the longest short line."""
    max_dup_line_chars: float = 0.01
    """A larger share of characters in repeated lines is `dup_line_chars`."""
    max_newlines_per_word: float = 0.3
    """More are `list_like`."""

    name: ClassVar = "fineweb"
    reads: ClassVar = ("text_clean", LENGTHS)
    columns: ClassVar = (
        Column(
            "fw_line_punct_frac",
            pa.float64(),
            "lines whose last character ends sentences (Sentence_Terminal)",
            _TENTHS,
        ),
        Column("fw_short_line_frac", pa.float64(), "lines that are short", _TENTHS),
        Column("fw_dup_line_char_frac", pa.float64(), "characters in lines that stood before"),
        Column("fw_newlines_per_word", pa.float64(), "newlines for each word, symbols included"),
        Column(
            "fineweb_reason",
            pa.string(),
            "kept, no_text, few_line_ends, short_lines, dup_line_chars or list_like",
        ),
    )

    def __post_init__(self) -> None:
        check(self)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The four signals and the reason."""
        from kormo_ds.text import line_ends

        found = line_ends.of(batch.column("text_clean"), self.short_line)
        n_words = pc.list_value_length(batch.column(LENGTHS)).fill_null(0).to_numpy()
        punctuated = ratio(found.punctuated, found.lines)
        short = ratio(found.short, found.lines)
        copied = ratio(found.copied_chars, found.chars)
        newlines = ratio(found.newlines, n_words)
        rules = {
            "no_text": found.lines == 0,
            "few_line_ends": punctuated < self.min_line_punct,
            "short_lines": short > self.max_short_lines,
            "dup_line_chars": copied > self.max_dup_line_chars,
            "list_like": newlines > self.max_newlines_per_word,
        }
        return self.written(*map(pa.array, (punctuated, short, copied, newlines)), reason(rules))
