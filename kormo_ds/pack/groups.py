"""The side table of sequences that are validated on: `kormo_ds.sequences.groups`.

Costs one read of four small columns of the mixture's documents.
"""

from collections.abc import Iterator

import pyarrow as pa

from kormo_ds.recorded import Recorded
from kormo_ds.sequences import groups


def content(source: Recorded) -> bytes:
    """The bytes of groups.parquet for the documents of `source`, each once."""
    return groups.content(_tables(source))


def _tables(source: Recorded) -> Iterator[pa.Table]:
    for part in source.read(["lang", "source", "synthesizer"]):
        if part.turn:
            return
        yield part.columns
