"""docs/ingest.md says of options, reasons and formats exactly what the code says.

python tests/ingest/test_docs.py     # writes the two tables anew
"""

import re
from pathlib import Path

from kormo_ds.ingest.formats import SUFFIXES
from kormo_ds.ingest.rows import REASONS
from kormo_ds.ingest.source import OPTIONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ingest.md"


def shown(default):
    return f"`{default}`" if isinstance(default, str | int) and default != "" else ""


def tables():
    options = [
        (f"`{name}`", shown(option.default), option.metadata["meaning"])
        for name, option in OPTIONS.items()
    ]
    reasons = [(f"`{reason}`", meaning) for reason, meaning in REASONS.items()]
    return {("option", "default", "meaning"): options, ("reason", "because"): reasons}


def rendered():
    text = PAGE.read_text(encoding="utf-8")
    for head, rows in tables().items():
        lines = [head, ["---"] * len(head), *rows]
        table = "".join("| " + " | ".join(line) + " |\n" for line in lines).replace("|  |", "| |")
        start = "| " + " | ".join(head) + " |\n"
        assert text.count(start) == 1
        text = re.sub(re.escape(start) + r"(\|.*\n)*", lambda _, table=table: table, text)
    return text


def test_the_tables_are_those_of_the_code():
    assert PAGE.read_text(encoding="utf-8") == rendered()


def test_every_format_is_named():
    text = PAGE.read_text(encoding="utf-8")
    for suffix in SUFFIXES:
        if suffix.startswith((".jsonl.", ".ndjson.", ".json.")):
            continue  # "also with .gz or .zst"
        assert f"`{suffix}`" in text


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
