"""`dclm_lines`: the line edits of DCLM and RefinedWeb as spans, and whether they are too many.

A line that is in capitals, a number, a counter, a button or a word alone goes out with its
newline; text_clean stays as it is and `line_spans` says what packing takes out. Blank lines are
taken out with it until no more than two newlines follow one another. Fenced code is never touched;
indented lines (code to Markdown) and Markdown's headings stay, and only crawled documents lose
lines unless `origins` says otherwise. Regular expressions (RE2) look at short lines only. Costs 5
to 10 ns a byte; docs/steps.md says what it takes out of which text.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadConfig, unknown
from kormo_ds.steps.dclm_patterns import BOILERPLATE, COUNTER
from kormo_ds.steps.step import Step
from lake import Column
from lake.spans import SPANS
from lake.tables import ORIGINS

if TYPE_CHECKING:
    from kormo_ds.text import line_shape

RULES = ("numeric", "counter", "boilerplate", "uppercase", "single_word")
"""In the order in which they are looked at; a line is counted for the first that holds."""


@dataclass(frozen=True)
class DclmLines(Step):
    """Lines that are no text."""

    origins: str = "crawled"
    """Documents of these origins lose lines, as crawled or crawled,curated; others are kept."""
    max_uppercase: float = 0.5
    """A line with a larger share of uppercase letters among its characters goes."""
    max_boilerplate_words: int = 10
    """A line with more words is no boilerplate and no counter."""
    min_words: int = 2
    """A line with fewer words goes; 1 lets words alone stay."""
    max_east_asian_alone: int = 10
    """A word alone of more Hangul syllables, kana or Han stays: it is a sentence without spaces."""
    max_newlines: int = 2
    """Blank lines beyond this many newlines in a row go; 0 lets them stay."""
    max_removed: float = 0.05
    """A larger share of words taken out is `too_much_removed`."""

    name: ClassVar = "dclm_lines"
    reads: ClassVar = ("text_clean", "origin")
    columns: ClassVar = (
        Column("line_spans", SPANS, "lines to take out, if the origin is one of origins"),
        Column("n_lines_numeric", pa.int32(), "lines of digits alone"),
        Column("n_lines_counter", pa.int32(), "lines that are counters, as '3 likes'"),
        Column("n_lines_boilerplate", pa.int32(), "lines of buttons, links, notices"),
        Column("n_lines_uppercase", pa.int32(), "lines that are mostly uppercase"),
        Column("n_lines_single_word", pa.int32(), "lines of one word"),
        Column("n_lines_blank", pa.int32(), "blank lines, one too many in a row"),
        Column(
            "line_removed_share",
            pa.float32(),
            "share of words (between white space) in all of those lines",
            bins=(0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1),
        ),
        Column("dclm_lines_reason", pa.string(), "kept or too_much_removed"),
    )

    def __post_init__(self) -> None:
        for origin in self._origins():
            if origin not in ORIGINS:
                raise unknown("origin", origin, ORIGINS, "dclm_lines.origins=crawled,synthetic")
        for setting in ("max_uppercase", "max_removed"):
            if not 0 <= getattr(self, setting) <= 1:
                raise BadConfig(
                    f"dclm_lines.{setting}={getattr(self, setting)} is no share; give 0 to 1"
                )
        for setting in (
            "max_boilerplate_words",
            "min_words",
            "max_east_asian_alone",
            "max_newlines",
        ):
            if getattr(self, setting) < 0:
                raise BadConfig(
                    f"dclm_lines.{setting}={getattr(self, setting)} is negative; give 0 or more"
                )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Spans, counts, share and reason."""
        from kormo_ds.text import line_shape, line_spans

        lines = line_shape.of(batch.column("text_clean"))
        rules = self._first_rule(lines)
        edited = np.isin(batch.column("origin").to_pylist(), self._origins())
        dropped = rules >= 0
        spans, blank = line_spans.without(lines, dropped, self.max_newlines)
        spans = pc.if_else(pa.array(edited), spans, pa.scalar([], SPANS))
        counts = [lines.per_text(rules == rule) for rule in range(len(RULES))]
        removed, total = (lines.per_text(lines.n_words * chosen) for chosen in (dropped, 1))
        share = removed / np.maximum(total, 1)
        reason = pc.if_else(
            pa.array(edited & (share > self.max_removed)), "too_much_removed", "kept"
        )
        arrays = map(pa.array, (*counts, lines.per_text(blank), share.astype(np.float32)))
        return self.written(spans, *arrays, reason)

    def _origins(self) -> list[str]:
        return [origin for origin in self.origins.split(",") if origin]

    def _first_rule(self, lines: "line_shape.Lines") -> np.ndarray:
        """The number of the first rule that holds for each line, -1 for none, int8."""
        from kormo_ds.text.line_shape import PROSE

        prose = (lines.place == PROSE) & (lines.n_words > 0)
        short = prose & (lines.n_words <= self.max_boilerplate_words)
        holds = (
            prose & (lines.n_digits == lines.n_solid),
            _matching(lines, short & (lines.n_digits > 0), COUNTER),
            _matching(lines, short, BOILERPLATE),
            prose & (lines.n_uppercase > self.max_uppercase * lines.n_chars),
            prose
            & (lines.n_words < self.min_words)
            & (lines.n_east_asian <= self.max_east_asian_alone),
        )
        return np.select(holds, range(len(RULES)), -1).astype(np.int8)


def _matching(lines: "line_shape.Lines", asked: np.ndarray, pattern: str) -> np.ndarray:
    """Which of the lines `asked` match, bool [n lines]."""
    chosen = np.flatnonzero(asked)
    strings = lines.strings(chosen)
    found = pc.match_substring_regex(strings, pattern, ignore_case=True)
    result = np.zeros(len(lines), np.bool_)
    result[chosen[found.to_numpy(zero_copy_only=False)]] = True
    return result
