"""Rows of a query into a file, by its suffix: streamed in batches, and seen whole or not at all.

JSON is made by DuckDB itself, a batch of lines at a time. The file is written beside its place and
renamed at the end, so what was there before stays until then. Memory: some batches of 65,536 rows.
"""

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import zstandard

from kormo_ds.errors import BadInput
from kormo_ds.progress import Advance, silent
from lake import BadQuery
from lake.duck import first_line

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_ROWS = 65_536


def write(relation: duckdb.DuckDBPyRelation, path: str, advance: Advance = silent) -> int:
    """Write all rows of `relation` to `path` and return their number.

    Args:
        relation: what was asked.
        path: ends in a suffix of `WRITERS`; replaced if it exists.
        advance: told of each batch's rows.

    Raises:
        BadInput: another suffix, no such folder, or nested values for CSV.
        BadQuery: the query fails on its way.
    """
    place = Path(path)
    suffix = next((known for known in WRITERS if place.name.endswith(known)), None)
    if suffix is None:
        raise BadInput(f"cannot tell the format of '{path}'; known suffixes: {', '.join(WRITERS)}")
    if not place.parent.is_dir():
        raise BadInput(f"there is no folder {place.parent} for {place.name}; make it first")
    beside = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            n = WRITERS[suffix](relation, file, advance)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except duckdb.Error as error:
        raise BadQuery(first_line(error)) from error
    finally:
        beside.unlink(missing_ok=True)
    return n


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches of a query; Arrow hands DuckDB's errors on as an OSError without a number."""
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except OSError as error:
            raise BadQuery(first_line(error)) from error
        yield batch


def _jsonl(
    relation: duckdb.DuckDBPyRelation, file: "SupportsWrite[bytes]", advance: Advance
) -> int:
    lines = relation.set_alias("row").project("to_json(row)::varchar as line")
    n = 0
    for batch in _batches(lines.to_arrow_reader(_ROWS)):
        file.write("".join(f"{line}\n" for line in batch.column(0).to_pylist()).encode())
        n += batch.num_rows
        advance(batch.num_rows)
    return n


def _jsonl_gz(relation: duckdb.DuckDBPyRelation, file: IO[bytes], advance: Advance) -> int:
    with gzip.open(file, "wb") as packed:
        return _jsonl(relation, packed, advance)


def _jsonl_zst(relation: duckdb.DuckDBPyRelation, file: IO[bytes], advance: Advance) -> int:
    with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed:
        return _jsonl(relation, packed, advance)


def _parquet(relation: duckdb.DuckDBPyRelation, file: IO[bytes], advance: Advance) -> int:
    return _arrow(relation, pyarrow.parquet.ParquetWriter, file, advance)


def _csv(relation: duckdb.DuckDBPyRelation, file: IO[bytes], advance: Advance) -> int:
    for name, kind in zip(relation.columns, relation.types, strict=True):
        if kind.id in ("list", "array", "struct", "map", "union"):
            raise BadInput(
                f"column '{name}' is {kind}, which CSV cannot hold; "
                "write .jsonl or .parquet, or choose other columns"
            )
    return _arrow(relation, pyarrow.csv.CSVWriter, file, advance)


def _arrow(
    relation: duckdb.DuckDBPyRelation,
    open_writer: Callable[..., Any],
    file: IO[bytes],
    advance: Advance,
) -> int:
    reader = relation.to_arrow_reader(_ROWS)
    n = 0
    with open_writer(file, reader.schema) as writer:
        for batch in _batches(reader):
            writer.write_batch(batch)
            n += batch.num_rows
            advance(batch.num_rows)
    return n


WRITERS = {
    ".jsonl": _jsonl,
    ".jsonl.gz": _jsonl_gz,
    ".jsonl.zst": _jsonl_zst,
    ".parquet": _parquet,
    ".csv": _csv,
}
