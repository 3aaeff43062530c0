"""`fineweb2_ko`: FineWeb-2's rules for Korean, for documents whose `lang` is ko.

Thresholds: FineWeb-2's configuration for kor_Hang (Penedo et al. 2025), which set them by the
statistics of Korean text in Kiwi's morphemes. Words here are eojeols (UAX #29) unless `words=kiwi`,
and three thresholds have a value of their own for them; docs/steps.md has what either rejects.
Other documents are kept with signals of 0. Costs about 10 ns a byte with eojeols, 6 µs with Kiwi.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.errors import BadConfig
from kormo_ds.steps.language_codes import short
from kormo_ds.steps.step import Step
from kormo_ds.steps.thresholds import check, ratio, reason
from kormo_ds.steps.words import HASHES, LENGTHS
from kormo_ds.steps.words import NAME as WORDS
from lake import Column

if TYPE_CHECKING:
    from lake import Lake

_TOP, _COPIED = (2, 3, 4), (5, 6, 7, 8, 9, 10)
_FRACTION = pa.float64()
_BINS = tuple(twentieth / 20 for twentieth in range(21))


class _Counted(NamedTuple):
    """What is counted over words, one row a document."""

    words: np.ndarray
    wordlike: np.ndarray
    wordlike_chars: np.ndarray
    alphabetic: np.ndarray
    stop_words: np.ndarray
    top: np.ndarray
    copied: np.ndarray


@dataclass(frozen=True)
class FineWeb2Ko(Step):
    """Signals of Korean web text."""

    words: str = "eojeol"
    """What a word is: eojeol, or kiwi for morphemes."""
    max_dup_line_frac: float = 0.374
    max_top_2gram_frac: float = 0.282
    max_top_3gram_frac: float = 0.228
    max_top_4gram_frac: float = 0.185
    max_dup_5gram_frac: float = 0.201
    max_dup_6gram_frac: float = 0.184
    max_dup_7gram_frac: float = 0.168
    max_dup_8gram_frac: float = 0.154
    max_dup_9gram_frac: float = 0.140
    max_dup_10gram_frac: float = 0.127
    min_mean_word_length: float = 1
    max_mean_word_length: float = 6
    max_mean_word_length_eojeol: float = 11
    """In place of the one before where words are eojeols, fitted to reject the same documents."""
    min_alpha_words: float = 0.791
    min_alpha_words_eojeol: float = 0.655
    """The same: an eojeol is several morphemes, and a mark is one word to both."""
    min_stop_words: int = 2
    min_line_punct: float = 0.062
    max_dup_line_chars: float = 0.1
    max_newlines_per_word: float = 0.196
    max_newlines_per_word_eojeol: float = 0.316
    """The same: 0.196 times 1.61 morphemes a word."""

    name: ClassVar = "fineweb2_ko"
    reads: ClassVar = ("text_clean", "lang", WORDS, HASHES, LENGTHS)
    columns: ClassVar = (
        Column("fw2_dup_line_frac", _FRACTION, "Korean: lines that stood before", _BINS),
        *(
            Column(
                f"fw2_top_{n}gram_frac",
                _FRACTION,
                f"Korean: characters in the most frequent {n} words in a row",
                _BINS,
            )
            for n in _TOP
        ),
        *(
            Column(
                f"fw2_dup_{n}gram_frac",
                _FRACTION,
                f"Korean: characters in {n} words in a row that stood before",
                _BINS,
            )
            for n in _COPIED
        ),
        Column("fw2_mean_word_length", _FRACTION, "Korean: code points a word, without symbols"),
        Column("fw2_alpha_word_frac", _FRACTION, "Korean: words with a letter", _BINS),
        Column("fw2_stop_words", pa.int64(), "Korean: different stop words, 0 to 21"),
        Column("fw2_line_punct_frac", _FRACTION, "Korean: lines that end as sentences do", _BINS),
        Column("fw2_dup_line_char_frac", _FRACTION, "Korean: characters in repeated lines", _BINS),
        Column("fw2_newlines_per_word", _FRACTION, "Korean: newlines for each word", _BINS),
        Column(
            "fineweb2_ko_reason",
            pa.string(),
            "kept, no_text, dup_lines, "
            + ", ".join(f"top_{n}gram" for n in _TOP)
            + ", "
            + ", ".join(f"dup_{n}gram" for n in _COPIED)
            + ", short_words, long_words, few_alphabetic_words, few_stop_words, few_line_ends, "
            "dup_line_chars or list_like",
        ),
    )

    def __post_init__(self) -> None:
        if self.words not in ("eojeol", "kiwi"):
            raise BadConfig(f"fineweb2_ko.words={self.words} is none of eojeol and kiwi")
        check(
            self,
            ("min_mean_word_length", "max_mean_word_length"),
            ("min_mean_word_length", "max_mean_word_length_eojeol"),
        )

    @property
    def fingerprint(self) -> str:
        """Of the settings, and of Kiwi's version where it is asked."""
        from kormo_ds.text import morphemes

        kiwi = [morphemes.version()] if self.words == "kiwi" else []
        return lake.fingerprint(self.name, self.version, asdict(self), *kiwi)

    def at(self, lk: "Lake") -> Self:
        """Check that Kiwi is installed where it is asked."""
        self.fingerprint  # noqa: B018 -- raises where it is not
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The signals and the reason."""
        korean = np.array([short(lang or "") == "ko" for lang in batch.column("lang").to_pylist()])
        rows = np.flatnonzero(korean)
        signals, reasons = self._judged(batch.take(pa.array(rows, pa.int64())))
        columns = []
        for column, signal in zip(self.columns, signals, strict=False):
            spread = np.zeros(len(korean), signal.dtype)
            spread[rows] = signal
            columns.append(pa.array(spread).cast(column.type))
        places = np.full(len(korean), len(rows))
        places[rows] = np.arange(len(rows))
        kept = pa.concat_arrays([reasons, pa.array(["kept"])])
        return self.written(*columns, kept.take(pa.array(places)))

    def _judged(self, batch: pa.RecordBatch) -> tuple[list[np.ndarray], pa.StringArray]:
        """The signals in the order of their columns, and the reason, of Korean documents."""
        from kormo_ds.text import line_ends, repeated_lines

        texts = batch.column("text_clean")
        counted = _morphemes(texts) if self.words == "kiwi" else _eojeols(batch)
        parts, ends = repeated_lines.of(texts), line_ends.of(texts, 0)
        grams = {
            f"top_{n}gram": ratio(counted.top[:, row], parts.chars) for row, n in enumerate(_TOP)
        } | {
            f"dup_{n}gram": ratio(counted.copied[:, row], parts.chars)
            for row, n in enumerate(_COPIED)
        }
        dup_lines = ratio(parts.copied_lines, parts.lines)
        length = ratio(counted.wordlike_chars, counted.wordlike)
        alphabetic = ratio(counted.alphabetic, counted.words)
        punctuated = ratio(ends.punctuated, ends.lines)
        copied = ratio(ends.copied_chars, ends.chars)
        newlines = ratio(ends.newlines, counted.words)
        rules = {
            "no_text": ends.lines == 0,
            "dup_lines": dup_lines > self.max_dup_line_frac,
            **{name: found > getattr(self, f"max_{name}_frac") for name, found in grams.items()},
            "short_words": length < self.min_mean_word_length,
            "long_words": length > self._threshold("max_mean_word_length"),
            "few_alphabetic_words": alphabetic < self._threshold("min_alpha_words"),
            "few_stop_words": counted.stop_words < self.min_stop_words,
            "few_line_ends": punctuated < self.min_line_punct,
            "dup_line_chars": copied > self.max_dup_line_chars,
            "list_like": newlines > self._threshold("max_newlines_per_word"),
        }
        signals = [dup_lines, *grams.values(), length, alphabetic, counted.stop_words]
        return [*signals, punctuated, copied, newlines], reason(rules)

    def _threshold(self, setting: str) -> float:
        """The value of a setting that has another one for eojeols."""
        kind = "_eojeol" if self.words == "eojeol" else ""
        value: float = getattr(self, setting + kind)
        return value


def _eojeols(batch: pa.RecordBatch) -> _Counted:
    from kormo_ds.text import repetition, word_kinds

    texts, hashes, lengths = (batch.column(name) for name in ("text_clean", HASHES, LENGTHS))
    kinds = word_kinds.of(texts, batch.column(WORDS), lengths)
    return _Counted(*kinds[:4], kinds.korean_stop_words, *repetition.ngrams(hashes, lengths))


def _morphemes(texts: pa.Array) -> _Counted:
    from kormo_ds.text import code_points, hashes, morphemes, repetition, stop_words, word_kinds

    found = morphemes.of(pc.fill_null(texts, "").to_pylist())
    joined, bounds = morphemes.as_words(found)
    lengths = code_points.of_words(joined, bounds)
    kinds = word_kinds.of(joined, bounds, lengths)
    known = frozenset(stop_words.KOREAN)
    n_stop = np.array([len(known.intersection(surfaces)) for surfaces in found], np.int64)
    repeated = repetition.ngrams(hashes.of_words(joined, bounds), lengths)
    return _Counted(*kinds[:4], n_stop, *repeated)
