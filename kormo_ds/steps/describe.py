"""What the steps read, write and can be set to, as rows and as the table in docs/steps.md."""

from dataclasses import dataclass, fields

from kormo_ds.steps import STEPS
from kormo_ds.steps.words import SHARED


@dataclass(frozen=True)
class Described:
    """One column that a step writes."""

    step: str
    reads: str
    column: str
    type: str
    meaning: str


def columns() -> list[Described]:
    """All columns of all steps, in the order of `STEPS`."""
    found = []
    for name, step in STEPS.items():
        reads = ", ".join(column for column in step().reads if column not in SHARED)
        label = f"{name}@{step.version}"
        found += [
            Described(label, reads, column.name, str(column.type), column.meaning)
            for column in step.columns
        ]
    return found


def settings() -> list[tuple[str, str]]:
    """Each setting as it is written on the command line, and its default."""
    return [
        (f"{name}.{field.name}", str(field.default))
        for name, step in STEPS.items()
        for field in fields(step)
    ]


def markdown() -> str:
    """Both as Markdown tables; docs/steps.md holds exactly this."""
    lines = ["| step | reads | writes | type | meaning |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {row.step} | {row.reads} | `{row.column}` | {row.type} | {row.meaning} |"
        for row in columns()
    ]
    lines += ["", "| setting | default |", "| --- | --- |"]
    lines += [f"| `{name}` | {f'`{default}`' if default else ''} |" for name, default in settings()]
    return "\n".join(lines)
