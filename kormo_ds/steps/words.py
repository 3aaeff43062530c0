"""`words`: the words of `text_clean`, found once a batch and shared by the steps that count them.

Never stored: 4 bytes a boundary would be more than the text.
"""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from kormo_ds.steps.step import Step
from lake import Column

NAME = "text_clean.words"


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
