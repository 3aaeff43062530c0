"""The words of `text_clean`, their hashes and lengths, found once a batch for all steps of a scan.

Never stored: they would be more than the text. A step gets those that it reads: `NAME`, `HASHES`,
`LENGTHS`.
"""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from kormo_ds.steps.step import Step
from lake import Column

NAME = "text_clean.words"
HASHES = "text_clean.word_hashes"
LENGTHS = "text_clean.word_lengths"


@dataclass(frozen=True)
class Words(Step):
    """Byte offsets of the word boundaries (UAX #29) of `text_clean`."""

    name: ClassVar = "words"
    reads: ClassVar = ("text_clean",)
    columns: ClassVar = (
        Column(NAME, pa.list_(pa.int32()), "byte offsets of word boundaries", stored=False),
    )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The boundaries of each text."""
        from kormo_ds.text import words

        return self.written(words.boundaries(batch.column("text_clean")))


@dataclass(frozen=True)
class WordHashes(Step):
    """The hash of each word of `text_clean`."""

    name: ClassVar = "word_hashes"
    reads: ClassVar = ("text_clean", NAME)
    columns: ClassVar = (Column(HASHES, pa.list_(pa.uint64()), "hashes of words", stored=False),)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The hashes of each text's words, pieces of white space left out."""
        from kormo_ds.text import hashes

        return self.written(hashes.of_words(batch.column("text_clean"), batch.column(NAME)))


@dataclass(frozen=True)
class WordLengths(Step):
    """The code points of each word of `text_clean`."""

    name: ClassVar = "word_lengths"
    reads: ClassVar = ("text_clean", NAME)
    columns: ClassVar = (
        Column(LENGTHS, pa.list_(pa.int32()), "code points of words", stored=False),
    )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The length of each text's words, pieces of white space left out."""
        from kormo_ds.text import code_points

        return self.written(code_points.of_words(batch.column("text_clean"), batch.column(NAME)))


SHARED: dict[str, type[Step]] = {HASHES: WordHashes, LENGTHS: WordLengths, NAME: Words}
"""Who makes each shared column; one that reads another comes before it."""
