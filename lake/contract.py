"""Write the tables' columns into `lake/README.md`: `python -m lake.contract`."""

from collections.abc import Mapping
from pathlib import Path

from lake.tables import TABLES, Table

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- generated: tables -->", "<!-- end -->"


def tables(declared: Mapping[str, Table] = TABLES) -> str:
    """Tables with their columns, as Markdown."""
    parts = []
    for table in declared.values():
        rows = [
            f"| `{c.name}`{' (key)' if c.name == table.key else ''} | {c.type} | {c.meaning} |"
            for c in table.columns
        ]
        head = [f"### {table.name}", "", table.meaning, ""]
        head += ["| column | type | meaning |", "| --- | --- | --- |"]
        parts.append("\n".join(head + rows))
    return "\n\n".join(parts)


def updated(text: str, declared: Mapping[str, Table] = TABLES) -> str:
    """A page's text with its generated part as it should be."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{tables(declared)}\n\n{END}{after}"


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
