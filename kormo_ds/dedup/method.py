"""What all ways of finding duplicates share: settings, a sketch of each document, and verdicts.

A method is a frozen dataclass of settings. It makes one small *sketch* of a document, a stored
struct column `<method>_sketch` that a step computes as any other: each document once, resumed after
a kill, kept for the documents that come later. Documents that agree in one of its `bands` are
duplicates (or candidates), which `run` finds from the sketches alone, without the texts.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.dedup import after
from kormo_ds.dedup.keepers import check_keep, column_of
from kormo_ds.errors import BadConfig, BadInput, unknown
from lake import Column
from lake.provenance import owner

LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Method(ABC):
    """Settings of one way of finding duplicates; see `Exact` and `MinHash`."""

    text: str = "auto"
    """Column of the text: `text_clean`, `text`, or auto for the first of them that is there."""
    keep: str = "longest"
    """Which of a cluster stays: longest, first_doc_id, or a column's name and desc or asc."""
    after: str = ""
    """Reason columns, by commas, that must be 'kept' for a document to take part; NAME@en asks it
    of English documents only."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    duplicate: ClassVar[str]
    """The reason of a document that another one stands for."""
    keys: ClassVar[str]
    """What the sketch holds, for its column's meaning."""
    needs_settings: ClassVar[tuple[str, ...]]
    """Settings that change the sketch, beside `text` and `after`."""

    def __post_init__(self) -> None:
        if self.text not in ("auto", "text", "text_clean"):
            raise unknown("setting text", self.text, ("auto", "text", "text_clean"))
        check_keep(self.keep)
        for column in after.reasons(self.gates):
            if not column.endswith("_reason") or column == f"{self.name}_reason":
                raise BadConfig(
                    f"after={self.after}: '{column}' is no reason column of another step; "
                    "write e.g. after=length_reason,lang_reason"
                )

    @property
    def gates(self) -> tuple[str, ...]:
        """The parts of `after`."""
        return after.gates(self.after)

    @property
    def sketch(self) -> str:
        """Name of the sketch's column."""
        return f"{self.name}_sketch"

    @property
    @abstractmethod
    def bands(self) -> tuple[tuple[str, ...], ...]:
        """Fields of the sketch; documents that agree in all fields of one band are candidates."""

    @property
    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """The verdict's columns."""

    @property
    @abstractmethod
    def fields(self) -> tuple[pa.Field, ...]:
        """Fields of the sketch beside `compared` and `n_bytes`.

        None is unsigned: with such a field in a table Lance takes no filter from DuckDB.
        """

    @abstractmethod
    def sketched(self, texts: pa.Array) -> tuple[pa.Array, list[pa.Array]]:
        """Whether each text has anything to compare, and the arrays of `fields`."""

    def at(self, schema: pa.Schema) -> Self:
        """These settings with the text's column looked up in a table of `schema`.

        Raises:
            BadInput: the text's column is not there.
            UnknownName: a column of `after` or `keep` is not there.
        """
        text = self.text
        if text == "auto":
            text = "text_clean" if "text_clean" in schema.names else "text"
        if text not in schema.names:
            raise BadInput(f"column '{text}' is not there yet; run: kormo step run clean")
        for name in after.reasons(self.gates):
            if name not in schema.names:
                known = [column for column in schema.names if column.endswith("_reason")]
                raise unknown("column in after", name, known, "run the step that writes it first")
        by = column_of(self.keep)
        if by and by[0] not in schema.names:
            raise unknown(
                "column in keep", by[0], schema.names, "run the step that writes it first"
            )
        return replace(self, text=text)


@dataclass(frozen=True)
class Sketcher:
    """The step that writes a method's sketches; a document that is left out gets an empty one."""

    method: Method
    ordered: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """E.g. 'minhash_sketch'."""
        return self.method.sketch

    @property
    def version(self) -> int:
        """The method's."""
        return self.method.version

    @property
    def fingerprint(self) -> str:
        """Of what changes a sketch: not which document of a cluster is kept."""
        names = ("text", *self.method.needs_settings)
        settings = {name: getattr(self.method, name) for name in names}
        return lake.fingerprint(self.name, self.version, settings, sorted(self.method.gates))

    @property
    def reads(self) -> tuple[str, ...]:
        """The text and the reasons that a document must have been kept by."""
        return (self.method.text, *after.columns(self.method.gates))

    @property
    def writes(self) -> tuple[Column, ...]:
        """One struct column."""
        fields = [pa.field("compared", pa.bool_()), pa.field("n_bytes", pa.int64())]
        struct = pa.struct([*fields, *self.method.fields])
        return (Column(self.method.sketch, struct, self.method.keys),)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The sketch of each text."""
        texts = pc.fill_null(batch.column(self.method.text), "")
        if self.method.gates:
            texts = pc.if_else(after.taking_part(batch, self.method.gates), texts, "")
        compared, arrays = self.method.sketched(texts)
        n_bytes = pc.cast(pc.binary_length(texts), pa.int64())
        (column,) = self.writes
        struct = pa.StructArray.from_arrays([compared, n_bytes, *arrays], fields=list(column.type))
        return pa.RecordBatch.from_arrays([struct], names=[column.name])


def other_reasons(schema: pa.Schema, method: Method) -> list[str]:
    """Reason columns of other steps that are not in `after`."""
    return [
        field.name
        for field in schema
        if field.name.endswith("_reason")
        and owner(field)
        and field.name not in (*after.reasons(method.gates), f"{method.name}_reason")
    ]
