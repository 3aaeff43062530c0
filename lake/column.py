"""What a step says of itself: the columns it writes, and the shape of a step."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import pyarrow as pa


@dataclass(frozen=True)
class Column:
    """A column that a step writes, or that every row of a table has from the start."""

    name: str
    type: pa.DataType
    meaning: str
    bins: tuple[float, ...] | None = None
    """Edges of the histogram that suits this column."""
    stored: bool = True
    """False: computed once a batch and shared by the steps of one scan, never written."""
    nullable: bool = True
    """Of a table's own columns: may rows lack it? (Steps never write NULL at all.)"""


@runtime_checkable
class Step(Protocol):
    """A pure function from columns to columns, with a name.

    Calling it with a record batch that holds `reads` returns a record batch of as many rows with
    exactly the columns of `writes`, none of them NULL: NULL means "not computed yet". Several
    threads may call it at once, unless it is `ordered`.
    """

    @property
    def name(self) -> str:
        """The step's name, e.g. 'length'."""

    @property
    def version(self) -> int:
        """Raised when the meaning of a written column changes."""

    @property
    def fingerprint(self) -> str:
        """Changes with every setting that changes the result."""

    @property
    def ordered(self) -> bool:
        """Whether it must be called in row order: what it returns depends on the rows before."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the columns it needs."""

    @property
    def writes(self) -> tuple[Column, ...]:
        """The columns it returns."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Compute the columns of one batch."""
