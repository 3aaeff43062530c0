"""`gopher_repetition`: how much of a document is said again: lines, paragraphs, n-grams of words.

Source: Rae et al. 2021 ("Gopher", table A1), in datatrove's form: only later copies count, and
fractions of characters are of the whole text. Costs 3 to 8 ns a byte.
"""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from kormo_ds.steps.step import Step
from kormo_ds.steps.thresholds import check, ratio, reason
from kormo_ds.steps.words import HASHES, LENGTHS
from lake import Column

_TOP, _COPIED = (2, 3, 4), (5, 6, 7, 8, 9, 10)
_FRACTION = pa.float64()
_BINS = tuple(twentieth / 20 for twentieth in range(21))


@dataclass(frozen=True)
class GopherRepetition(Step):
    """Signals of repetition; each setting is the largest fraction that is kept."""

    max_dup_paragraph_frac: float = 0.3
    max_dup_paragraph_char_frac: float = 0.2
    max_dup_line_frac: float = 0.3
    max_dup_line_char_frac: float = 0.2
    max_top_2gram_frac: float = 0.2
    max_top_3gram_frac: float = 0.18
    max_top_4gram_frac: float = 0.16
    max_dup_5gram_frac: float = 0.15
    max_dup_6gram_frac: float = 0.14
    max_dup_7gram_frac: float = 0.13
    max_dup_8gram_frac: float = 0.12
    max_dup_9gram_frac: float = 0.11
    max_dup_10gram_frac: float = 0.1

    name: ClassVar = "gopher_repetition"
    reads: ClassVar = ("text_clean", HASHES, LENGTHS)
    columns: ClassVar = (
        Column("rep_dup_paragraph_frac", _FRACTION, "paragraphs that stood before", _BINS),
        Column("rep_dup_paragraph_char_frac", _FRACTION, "characters in those", _BINS),
        Column("rep_dup_line_frac", _FRACTION, "lines that stood before", _BINS),
        Column("rep_dup_line_char_frac", _FRACTION, "characters in those", _BINS),
        *(
            Column(
                f"rep_top_{n}gram_frac",
                _FRACTION,
                f"characters in the most frequent {n} words in a row",
                _BINS,
            )
            for n in _TOP
        ),
        *(
            Column(
                f"rep_dup_{n}gram_frac",
                _FRACTION,
                f"characters in {n} words in a row that stood before",
                _BINS,
            )
            for n in _COPIED
        ),
        Column(
            "gopher_repetition_reason",
            pa.string(),
            "kept, no_text, dup_paragraphs, dup_paragraph_chars, dup_lines, dup_line_chars, "
            + ", ".join(f"top_{n}gram" for n in _TOP)
            + ", "
            + ", ".join(f"dup_{n}gram" for n in _COPIED[:-1])
            + f" or dup_{_COPIED[-1]}gram",
        ),
    )

    def __post_init__(self) -> None:
        check(self)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The fractions and the reason."""
        from kormo_ds.text import repeated_lines, repetition

        parts = repeated_lines.of(batch.column("text_clean"))
        top, copied = repetition.ngrams(batch.column(HASHES), batch.column(LENGTHS))
        signals = {
            "dup_paragraphs": ratio(parts.copied_paragraphs, parts.paragraphs),
            "dup_paragraph_chars": ratio(parts.copied_paragraph_chars, parts.chars),
            "dup_lines": ratio(parts.copied_lines, parts.lines),
            "dup_line_chars": ratio(parts.copied_line_chars, parts.chars),
        }
        for row, n in enumerate(_TOP):
            signals[f"top_{n}gram"] = ratio(top[:, row], parts.chars)
        for row, n in enumerate(_COPIED):
            signals[f"dup_{n}gram"] = ratio(copied[:, row], parts.chars)
        rules = {"no_text": parts.chars == 0} | {
            name: signal > largest
            for (name, signal), largest in zip(signals.items(), self._largest(), strict=True)
        }
        return self.written(*map(pa.array, signals.values()), reason(rules))

    def _largest(self) -> list[float]:
        """The settings, in the order of the signals."""
        return [getattr(self, f"max{column.name[3:]}") for column in self.columns[:-1]]
