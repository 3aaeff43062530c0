"""The documents that a model is trained on: one pass of a recorded mixture, or a query's answer."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.recorded import Recorded

if TYPE_CHECKING:
    from lake import Lake

_COLUMNS = ("doc_id", "lang", "text_clean")
_ROWS = 256


def documents(
    lk: "Lake", mixture: str, query: str
) -> tuple[dict[str, Any], Iterator[pa.RecordBatch]]:
    """What was asked for, as facts that tell it from all else, and the documents in order.

    Raises:
        BadConfig: neither a mixture nor a query is given, or both.
        BadInput: documents without text_clean, or a query without the columns that are needed.
        UnknownName, BadQuery: a mixture that is not recorded, a query that DuckDB refuses.
    """
    if bool(mixture) == bool(query):
        raise BadConfig(
            "say on what, once: mixture=NAME@VERSION (`kormo mixture list` has them), or "
            "query='select doc_id, lang, text_clean from documents where …'"
        )
    if mixture:
        source = Recorded.named(lk, mixture)
        source.text()
        return {"mixture": str(source), "digest": source.mixture.digest}, _of_mixture(source)
    version = lk.version()
    found = lk.sql(query, at=version)
    missing = [name for name in _COLUMNS if name not in found.columns]
    if missing:
        raise BadInput(
            f"the query returns no {' and no '.join(missing)}; it must return {', '.join(_COLUMNS)}"
        )
    facts = {"query": query, "documents_version": version}
    facts["digest"] = hashlib.sha256(repr(sorted(facts.items())).encode()).hexdigest()
    ordered = found.select("doc_id, lang, text_clean").order("doc_id")
    return facts, _checked(ordered.to_arrow_reader(_ROWS))


def _of_mixture(source: Recorded) -> Iterator[pa.RecordBatch]:
    for chosen in source.read(["lang", "text_clean"]):
        if chosen.turn > 0:
            return
        yield from chosen.columns.to_batches()


def _checked(batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        texts = batch.column("text_clean")
        if texts.null_count:
            raise BadInput(
                f"{texts.null_count} documents of the query have no text_clean yet; write it with: "
                "kormo step run clean"
            )
        yield batch
