"""What all steps share: settings are dataclass fields, and the fingerprint is made of them."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import pyarrow as pa

import lake
from lake import Column

if TYPE_CHECKING:
    from lake import Lake


@dataclass(frozen=True)
class Step(ABC):
    """A pure function from columns of documents to new columns; see `lake.Step`.

    A subclass is a frozen dataclass whose fields, all with defaults, are its settings.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    ordered: ClassVar[bool] = False
    """A step is pure: whatever the order of batches, and by several threads at once."""
    reads: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[Column, ...]]
    """What it writes, as documented; `writes` may put a setting into a name."""

    @property
    def writes(self) -> tuple[Column, ...]:
        """The columns that it returns."""
        return self.columns

    @property
    def fingerprint(self) -> str:
        """Changes with every setting that changes the result."""
        return lake.fingerprint(self.name, self.version, asdict(self))

    def at(self, lk: "Lake") -> Self:
        """This step with the names in its settings looked up in a lake, and checked.

        Raises:
            KormoError: a setting that cannot be used.
        """
        return self

    @abstractmethod
    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The columns of `writes` for a batch that holds `reads`."""

    def written(self, *arrays: pa.Array) -> pa.RecordBatch:
        """A batch of `arrays`, one for each column of `writes` and cast to its type."""
        cast = [array.cast(column.type) for array, column in zip(arrays, self.writes, strict=True)]
        return pa.RecordBatch.from_arrays(cast, names=[column.name for column in self.writes])
