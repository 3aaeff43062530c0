"""`gopher_quality`: is a document prose? Rules of MassiveText for words, marks, lines, stop words.

Source: Rae et al. 2021 ("Gopher", section A1.1), in datatrove's form. Words without symbols count
for number and length, all words for the ratios. Two things differ by language, which is the column
`lang`, or where that is NULL Korean if at least half of the words with a letter end in Hangul and
English otherwise. An eojeol is shorter than an English word, so Korean has a lower bound of its
own. Stop words are those of English and Korean together, since a document in both is prose in
either; of other languages nothing is known, and they are not judged by them.

Costs about 5 ns a byte.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.steps.language_codes import short
from kormo_ds.steps.step import Step
from kormo_ds.steps.thresholds import check, ratio, reason
from kormo_ds.steps.words import LENGTHS
from kormo_ds.steps.words import NAME as WORDS
from lake import Column

_TENTHS = tuple(tenth / 10 for tenth in range(11))


@dataclass(frozen=True)
class GopherQuality(Step):
    """Signals of prose."""

    min_words: int = 50
    """Fewer words that are not symbols are `few_words`."""
    max_words: int = 100_000
    """More are `many_words`."""
    min_mean_word_length: float = 3
    """Code points; a lower mean is `short_words`."""
    min_mean_word_length_ko: float = 2
    """The same for Korean."""
    max_mean_word_length: float = 10
    """A higher mean is `long_words`."""
    max_symbols_per_word: float = 0.1
    """More `#` are `many_hashes`, more ellipses `many_ellipses`."""
    max_bullet_lines: float = 0.9
    """A larger share of lines that begin with a bullet is `bullet_lines`."""
    max_ellipsis_lines: float = 0.3
    """A larger share of lines that end with an ellipsis is `ellipsis_lines`."""
    min_alpha_words: float = 0.8
    """A smaller share of words with a letter is `few_alphabetic_words`."""
    symbols_are_words: bool = False
    """Whether that share is of all words, as in datatrove, or of those that are not symbols: words
    in Gopher are parted by white space, so few are symbols there."""
    min_stop_words: int = 2
    """Fewer different stop words are `few_stop_words`."""

    name: ClassVar = "gopher_quality"
    reads: ClassVar = ("text_clean", "lang", WORDS, LENGTHS)
    columns: ClassVar = (
        Column("gopher_words", pa.int64(), "words that are not symbols alone"),
        Column(
            "gopher_mean_word_length",
            pa.float64(),
            "mean code points of those words",
            bins=tuple(range(16)),
        ),
        Column("gopher_hashes_per_word", pa.float64(), "`#` for each word, symbols included"),
        Column("gopher_ellipses_per_word", pa.float64(), "`…` and `...` for each word"),
        Column(
            "gopher_bullet_line_frac", pa.float64(), "lines that begin with `•` or `-`", _TENTHS
        ),
        Column(
            "gopher_ellipsis_line_frac", pa.float64(), "lines that end with an ellipsis", _TENTHS
        ),
        Column(
            "gopher_alpha_word_frac", pa.float64(), "words with a letter, of all words", _TENTHS
        ),
        Column(
            "gopher_alpha_nonsymbol_frac",
            pa.float64(),
            "words with a letter, of those that are not symbols alone",
            _TENTHS,
        ),
        Column("gopher_stop_words_en", pa.int64(), "different English stop words, 0 to 8"),
        Column("gopher_stop_words_ko", pa.int64(), "different Korean stop words, 0 to 21"),
        Column(
            "gopher_quality_reason",
            pa.string(),
            "kept, no_text, few_words, many_words, short_words, long_words, many_hashes, "
            "many_ellipses, bullet_lines, ellipsis_lines, few_alphabetic_words or few_stop_words",
        ),
    )

    def __post_init__(self) -> None:
        check(
            self,
            ("min_words", "max_words"),
            ("min_mean_word_length", "max_mean_word_length"),
            ("min_mean_word_length_ko", "max_mean_word_length"),
        )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The signals and the reason."""
        from kormo_ds.text import marks, word_kinds

        texts = batch.column("text_clean")
        kinds = word_kinds.of(texts, batch.column(WORDS), batch.column(LENGTHS))
        found = marks.of(texts)
        length = ratio(kinds.wordlike_chars, kinds.wordlike)
        hashes = ratio(found.hashes, kinds.words)
        ellipses = ratio(found.ellipses, kinds.words)
        bullets = ratio(found.bullet_lines, found.lines)
        ellipsis_lines = ratio(found.ellipsis_lines, found.lines)
        alphabetic = ratio(kinds.alphabetic, kinds.words)
        alphabetic_text = ratio(kinds.alphabetic, kinds.wordlike)
        stop_words = kinds.english_stop_words + kinds.korean_stop_words
        is_korean, is_known = _languages(batch.column("lang"), 2 * kinds.korean >= kinds.alphabetic)
        shortest = np.where(is_korean, self.min_mean_word_length_ko, self.min_mean_word_length)
        rules = {
            "no_text": kinds.words == 0,
            "few_words": kinds.wordlike < self.min_words,
            "many_words": kinds.wordlike > self.max_words,
            "short_words": length < shortest,
            "long_words": length > self.max_mean_word_length,
            "many_hashes": hashes > self.max_symbols_per_word,
            "many_ellipses": ellipses > self.max_symbols_per_word,
            "bullet_lines": bullets > self.max_bullet_lines,
            "ellipsis_lines": ellipsis_lines > self.max_ellipsis_lines,
            "few_alphabetic_words": (alphabetic if self.symbols_are_words else alphabetic_text)
            < self.min_alpha_words,
            "few_stop_words": is_known & (stop_words < self.min_stop_words),
        }
        signals = (
            *(kinds.wordlike, length, hashes, ellipses, bullets, ellipsis_lines, alphabetic),
            *(alphabetic_text, kinds.english_stop_words, kinds.korean_stop_words),
        )
        return self.written(*map(pa.array, signals), reason(rules))


def _languages(declared: pa.Array, korean_script: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which documents are Korean, and which are Korean or English, bool [n] each."""
    codes = pc.dictionary_encode(declared.cast(pa.string()))
    names = [short(code) for code in codes.dictionary.to_pylist()] + [""]
    of_each = codes.indices.fill_null(len(names) - 1).to_numpy()
    undeclared = np.array([not name for name in names])[of_each]
    is_korean = np.array([name == "ko" for name in names])[of_each]
    is_known = np.array([name in ("ko", "en", "") for name in names])[of_each]
    return np.where(undeclared, korean_script, is_korean), is_known
