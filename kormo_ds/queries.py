"""The queries of `sql/`: found by name, and listed in `sql/README.md`.

`python -m kormo_ds.queries` writes the list into the README; a test compares it.
"""

from pathlib import Path

from kormo_ds import project
from lake import Query

README = Path(__file__).resolve().parents[1] / "sql" / "README.md"
BEGIN, END = "<!-- generated: queries -->", "<!-- end -->"
FOLDERS = ("views", "mixtures", "seeds", "questions", "stats", "audits")


def find(name: str) -> Query:
    """The query of a path ending in .sql, or of a name as 'stats/documents_by_language'.

    Raises:
        UnknownName: no such name in `sql/`; the nearest is given.
        BadQuery: no such file, or one whose header or SQL cannot be read.
    """
    if name.endswith(".sql"):
        return Query.read(name)
    return Query.read(project.file("query", name, "sql", ".sql"))


def everything() -> dict[str, Query]:
    """All queries by name, 'audits/doc_id_unique' first."""
    return {name: Query.read(path) for name, path in project.files("sql", ".sql").items()}


def meaning(query: Query) -> str:
    """The first line of its header."""
    return query.description.splitlines()[0]


def usage(query: Query) -> str:
    """Its parameters as one would give them, 'tokenizer=… seed=42'."""
    return " ".join(
        f"{param.name}={'…' if param.required else param.default}"
        for param in query.params.values()
    )


def index() -> str:
    """The project's own queries by folder, as Markdown."""
    parts = []
    for folder in FOLDERS:
        queries = map(Query.read, sorted((README.parent / folder).glob("*.sql")))
        rows = [
            f"| `{query.name}` | {meaning(query)} | {_code(usage(query))} |" for query in queries
        ]
        head = [f"### {folder}", "", "| name | meaning | parameters |", "| --- | --- | --- |"]
        parts.append("\n".join(head + rows))
    return "\n\n".join(parts)


def updated(text: str) -> str:
    """The README's text with its generated part as it should be."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{index()}\n\n{END}{after}"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
