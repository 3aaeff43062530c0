"""Answers that the table `generations` holds: which there are, and what they say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.request import Request

_CHUNK = 5_000
_MERGE = 20_000
_COLUMNS = (
    "request_id",
    "text",
    "reasoning",
    "finish_reason",
    "error",
    "n_prompt_tokens",
    "n_completion_tokens",
)


@dataclass(frozen=True)
class Answer:
    """What a request was answered."""

    request_id: str
    text: str
    reasoning: str | None
    """What the model thought first; None for nothing."""
    finish_reason: str | None
    error: str
    """'' or 'refused', which a request stays."""
    n_prompt_tokens: int | None
    n_completion_tokens: int | None


def answered(
    lk: lake.Lake, endpoint: Endpoint, requests: Iterable[Request]
) -> Iterator[tuple[Request, Answer | None]]:
    """Each request with its answer, in their order; None where there is none yet.

    Memory: 5,000 requests and answers. Each such chunk is one scan of the table's ids.
    """
    waiting = iter(requests)
    while chunk := list(islice(waiting, _CHUNK)):
        ids = [endpoint.id_of(request) for request in chunk]
        found = look_up(lk, ids)
        yield from zip(chunk, (found.get(request_id) for request_id in ids), strict=True)


def look_up(lk: lake.Lake, ids: list[str]) -> dict[str, Answer]:
    """The answers, and refusals, of those of `ids` that have one."""
    if not ids or not lk.exists("generations"):
        return {}
    listed = ", ".join(f"'{request_id}'" for request_id in dict.fromkeys(ids))
    rows = lk.dataset("generations").to_table(
        list(_COLUMNS), filter=f"request_id in ({listed}) and error in ('', 'refused')"
    )
    answers: dict[str, Answer] = {}
    for row in rows.to_pylist():
        row["text"] = row["text"] or ""
        if row["request_id"] not in answers or answers[row["request_id"]].error:
            answers[row["request_id"]] = Answer(**row)
    return answers


class Settled:
    """Ids of requests that need not be asked: 16 bytes each, and those of this run."""

    def __init__(self, lk: lake.Lake, refused_too: bool = True):
        """Read the ids once; without `refused_too` what was refused is asked again."""
        self._fresh: set[bytes] = set()
        self._sorted = np.empty(0, dtype="S32")
        if not lk.exists("generations"):
            return
        errors = "('', 'refused')" if refused_too else "('')"
        parts = [
            _binary(batch.column(0))
            for batch in lk.dataset("generations").to_batches(
                columns=["request_id"], filter=f"error in {errors}"
            )
        ]
        if parts:
            self._sorted = np.sort(np.concatenate(parts))

    def take(self, request_id: str) -> bool:
        """True, once, for an id that is not settled."""
        key = request_id.encode()
        if key in self._fresh:
            return False
        at = int(np.searchsorted(self._sorted, np.bytes_(key)))
        if at < len(self._sorted) and self._sorted[at] == key:
            return False
        self._fresh.add(key)
        if len(self._fresh) >= _MERGE:
            new = np.array(list(self._fresh), dtype="S32")
            self._sorted = np.sort(np.concatenate([self._sorted, new]), kind="stable")
            self._fresh.clear()
        return True


def _binary(ids: pa.StringArray) -> np.ndarray:
    return np.array(ids.to_pylist(), dtype="S32")
