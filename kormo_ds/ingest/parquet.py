"""Parquet: one row a row, only the columns that the mapping looks at.

Memory: one batch, and the pages that it comes from, however large a row group is.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row
from kormo_ds.ingest.text import bad_bytes

SUFFIXES = (".parquet",)
BATCH_ROWS = 256
BUFFER_BYTES = 1 << 20
"""Bytes of a column that are read ahead."""


def read(file: File, reading: Reading) -> Iterator[Row | Reject]:
    """The rows of the file in their order; a damaged end is one reject."""
    path, number, told = str(file.path), 0, 0
    try:
        # Without these two a whole row group, which may be the whole file, is read at once.
        streamed = {"buffer_size": BUFFER_BYTES, "pre_buffer": False}
        with pq.ParquetFile(file.path, page_checksum_verification=True, **streamed) as table:
            columns = _columns(table.schema_arrow, reading.columns)
            n_rows = max(table.metadata.num_rows, 1)
            for batch in table.iter_batches(BATCH_ROWS, columns=columns, use_threads=False):
                for values in _rows(batch):
                    number += 1
                    if isinstance(values, UnicodeDecodeError):
                        yield Reject(path, file.name, number, "invalid_utf8", bad_bytes(values))
                    else:
                        yield Row(path, file.name, number, values)
                share = file.size * number // n_rows
                reading.advance(share - told)
                told = share
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        yield Reject(path, file.name, number + 1, "broken_file", excerpt(str(error)))
    reading.advance(file.size - told)


def _columns(schema: pa.Schema, wanted: frozenset[str] | None) -> list[str] | None:
    """The file's columns that are wanted: by their own name, or as the outer one of `a.b`."""
    if wanted is None:
        return None
    names = {name if name in schema.names else name.split(".")[0] for name in wanted}
    return [name for name in schema.names if name in names]


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | UnicodeDecodeError]:
    """The rows of a batch; one by one where a string of it is not UTF-8."""
    try:
        yield from batch.to_pylist()
        return
    except UnicodeDecodeError:
        pass
    for i in range(batch.num_rows):
        try:
            yield batch.slice(i, 1).to_pylist()[0]
        except UnicodeDecodeError as error:
            yield error
