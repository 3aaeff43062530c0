"""`extraction`: traces of text that was decoded or extracted wrongly.

KORMo names this category ("extraction errors that regular expressions can detect") and publishes
neither patterns nor thresholds; all here are this project's. Each kind of debris is a share of the
document, so that SQL may use other thresholds; the reason is the first share that is too high.
ㅋㅋㅋ and ㅠㅠ are how people write and count as lone jamo only. Costs about 14 ns a byte.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadConfig
from kormo_ds.steps.extraction_patterns import MARKUP, NOTICE
from kormo_ds.steps.step import Step
from lake import Column

if TYPE_CHECKING:
    from kormo_ds.text.line_shape import Lines

NOTICE_WORDS = 40
"""A line of more words is prose that speaks of cookies."""


@dataclass(frozen=True)
class Extraction(Step):
    """Shares of debris; all are of characters without white space."""

    max_replacement: float = 0.001
    max_mojibake: float = 0.01
    max_broken_jamo: float = 0.01
    max_entity: float = 0.02
    max_markup: float = 0.3
    max_unspaced: float = 0.3
    max_base64: float = 0.1
    max_repeated: float = 0.3
    max_notice: float = 0.2
    long_run: int = 100
    """A run of more characters without white space is unspaced; URLs are shorter, mostly."""

    name: ClassVar = "extraction"
    reads: ClassVar = ("text_clean",)
    columns: ClassVar = (
        Column("replacement_share", pa.float32(), "share of U+FFFD, private use, 占쏙옙"),
        Column("mojibake_share", pa.float32(), "share of UTF-8 or EUC-KR read as Latin-1"),
        Column("broken_jamo_share", pa.float32(), "share of jamo of syllables that fell apart"),
        Column("lone_jamo_share", pa.float32(), "share of all jamo, ㅋㅋㅋ too; for information"),
        Column("entity_share", pa.float32(), "share of HTML entities, outside or inside of code"),
        Column(
            "markup_share", pa.float32(), "share of lines of HTML, JS, CSS, JSON; not in fences"
        ),
        Column("unspaced_share", pa.float32(), "share of long runs without white space"),
        Column("base64_share", pa.float32(), "share of runs that look like base64"),
        Column("repeated_share", pa.float32(), "share of marks repeated four times or more"),
        Column(
            "notice_share", pa.float32(), "share of lines on cookies, JavaScript, missing pages"
        ),
        Column(
            "extraction_reason",
            pa.string(),
            "kept, lost_characters, mojibake, broken_jamo, entities, markup_lines, unspaced_text, "
            "base64_text, repeated_marks or notice_page",
        ),
    )

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.startswith("max_") and not 0 <= value <= 1:
                raise BadConfig(f"extraction.{field.name}={value} is no share; give 0 to 1")
        if self.long_run < 1:
            raise BadConfig(f"extraction.long_run={self.long_run} is no length; give 1 or more")

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The shares and the first that is too high."""
        from kormo_ds.text import debris, line_shape

        texts = batch.column("text_clean")
        counts = debris.count(texts, self.long_run)
        n_chars, *kinds = counts
        lines = line_shape.of(texts)
        prose = lines.place == line_shape.PROSE
        short = prose & (lines.n_words <= NOTICE_WORDS)
        signed = prose & (lines.n_code_signs > 0)
        replaced, mojibake, broken, lone, entity, unspaced, base64, repeated = kinds
        markup, notice = (
            lines.per_text(lines.n_solid * matching)
            for matching in (_matching(lines, signed, MARKUP), _matching(lines, short, NOTICE))
        )
        ordered = (replaced, mojibake, broken, entity, markup, unspaced, base64, repeated, notice)
        limits = (
            self.max_replacement,
            self.max_mojibake,
            self.max_broken_jamo,
            self.max_entity,
            self.max_markup,
            self.max_unspaced,
            self.max_base64,
            self.max_repeated,
            self.max_notice,
        )
        shares = [kind / np.maximum(n_chars, 1) for kind in ordered]
        reasons = self.columns[-1].meaning.replace(" or ", ", ").split(", ")
        tests = [share > limit for share, limit in zip(shares, limits, strict=True)]
        reason = np.select(tests, reasons[1:], reasons[0])
        columns = [pa.array(share.astype(np.float32)) for share in shares]
        columns.insert(3, pa.array((lone / np.maximum(n_chars, 1)).astype(np.float32)))
        return self.written(*columns, pa.array(reason.tolist(), pa.string()))


def _matching(lines: "Lines", asked: np.ndarray, pattern: str) -> np.ndarray:
    """Which of the lines `asked` match, bool [n lines]."""
    chosen = np.flatnonzero(asked & (lines.n_solid > 0))
    found = pc.match_substring_regex(lines.strings(chosen), pattern, ignore_case=True)
    result = np.zeros(len(lines), np.bool_)
    result[chosen[found.to_numpy(zero_copy_only=False)]] = True
    return result
