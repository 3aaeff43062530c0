"""The step that writes verdicts: it looks each document up among those that have a duplicate.

Whoever is not among them is the only one of its kind. The columns are written by `lake.fill`, so a
kill leaves whole fragments, and what is there is not written again.
"""

from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.dedup import after
from kormo_ds.dedup.after import KEPT
from kormo_ds.dedup.keepers import Verdicts
from kormo_ds.dedup.method import LEFT_OUT, Method
from lake import Column

NOTHING = Verdicts(np.empty(0, "S1"), pa.array([], pa.string()), np.empty(0, np.int64))


@dataclass(frozen=True, eq=False)
class Verdict:
    """Columns `<method>_dup_of`, `<method>_cluster` (if the method has it), `<method>_reason`."""

    method: Method
    found: Verdicts = NOTHING
    ordered: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The method's."""
        return self.method.name

    @property
    def version(self) -> int:
        """The method's."""
        return self.method.version

    @property
    def fingerprint(self) -> str:
        """Of all settings."""
        settings = asdict(self.method) | {"after": sorted(self.method.gates)}
        return lake.fingerprint(self.name, self.version, settings)

    @property
    def reads(self) -> tuple[str, ...]:
        """What identifies a document, and whether it takes part."""
        return ("doc_id", *after.columns(self.method.gates))

    @property
    def writes(self) -> tuple[Column, ...]:
        """The method's columns."""
        return self.method.columns

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The verdict on each document."""
        place = self._places(batch.column("doc_id"))
        dup_of = pc.fill_null(self.found.dup_of.take(place), "")
        part = after.taking_part(batch, self.method.gates)
        alone = pc.cast(part, pa.int64())
        size = pc.coalesce(pa.array(self.found.size).take(place), alone)
        reason = pc.if_else(pc.equal(dup_of, ""), KEPT, self.method.duplicate)
        arrays = {
            f"{self.name}_dup_of": dup_of,
            f"{self.name}_cluster": size,
            f"{self.name}_reason": pc.if_else(part, reason, LEFT_OUT),
        }
        names = [column.name for column in self.writes]
        return pa.RecordBatch.from_arrays([arrays[name] for name in names], names=names)

    def _places(self, doc_id: pa.Array) -> pa.Array:
        """Where each document is among those found; NULL for one that is not."""
        known = self.found.doc_id
        if not len(known):
            return pa.nulls(len(doc_id), pa.int64())
        asked = np.array([text.encode() for text in doc_id.to_pylist()], np.bytes_)
        place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        return pa.array(place, mask=known[place] != asked)
