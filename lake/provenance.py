"""Who wrote a column: step, version and fingerprint, kept in the field's own metadata."""

from dataclasses import dataclass

import pyarrow as pa

from lake.column import Column, Step

_PREFIX = "kormo."


@dataclass(frozen=True)
class Owner:
    """The step that a column belongs to."""

    step: str
    version: int
    fingerprint: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.step}@{self.version}"


def owned_field(column: Column, step: Step) -> pa.Field:
    """The Arrow field of `column`, carrying `step` as its owner."""
    facts = {
        "step": step.name,
        "version": str(step.version),
        "fingerprint": step.fingerprint,
        "meaning": column.meaning,
    }
    metadata = {_PREFIX + key: value for key, value in facts.items()}
    return pa.field(column.name, column.type, nullable=True, metadata=metadata)


def owner(field: pa.Field) -> Owner | None:
    """The owner recorded in `field`; None for the columns a row was born with."""
    metadata = {
        key.decode().removeprefix(_PREFIX): value.decode()
        for key, value in (field.metadata or {}).items()
        if key.startswith(_PREFIX.encode())
    }
    if "step" not in metadata:
        return None
    return Owner(
        step=metadata["step"],
        version=int(metadata["version"]),
        fingerprint=metadata["fingerprint"],
        meaning=metadata["meaning"],
    )
