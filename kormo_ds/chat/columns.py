"""Conversations as the lake's columns hold them, as segments."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from kormo_ds.chat import reasoning, segments, tools
from kormo_ds.chat.segments import Segment
from kormo_ds.documents.document import Turn

READS = ("messages", "meta")
"""The columns that are looked at."""


def turns(messages: pa.Array | pa.ChunkedArray) -> Iterator[list[Turn]]:
    """The turns of each document, [] for one that is no conversation."""
    if isinstance(messages, pa.ChunkedArray):
        messages = messages.combine_chunks()
    flat = messages.flatten()
    fields = [flat.field(name).to_pylist() for name in ("role", "content", "reasoning")]
    values = zip(*fields, strict=True)
    for size in messages.value_lengths().to_pylist():
        taken = (next(values) for _ in range(size or 0))
        yield [Turn(role=r, content=c or "", reasoning=why or None) for r, c, why in taken]


def chats(documents: pa.Table | pa.RecordBatch, rule: str = "kormo") -> list[list[Segment]]:
    """Each document by the template, [] for one that is no conversation."""
    metas = documents.column("meta").to_pylist()
    return [
        segments.render(one, tools.of_meta(meta), rule) if one else []
        for one, meta in zip(turns(documents.column("messages")), metas, strict=True)
    ]


def thoughts(documents: pa.Table | pa.RecordBatch) -> list[Any]:
    """Each document in the form of mid-training, [] for one that is no conversation."""
    return [reasoning.render(one) if one else [] for one in turns(documents.column("messages"))]
