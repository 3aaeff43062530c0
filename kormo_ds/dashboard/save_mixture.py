"""What the sliders keep, as a mixture: `sql/mixtures/what_if.sql` with other defaults."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lake
from kormo_ds import project
from kormo_ds.errors import BadInput

TEMPLATE = "what_if"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def save(values: Mapping[str, Any], name: str, folder: Path) -> Path:
    """Write `sql/mixtures/NAME.sql` below a folder, with these values as its defaults.

    Args:
        values: parameters of the template and others, which are left aside.
        name: of the mixture: small letters, digits and _.
        folder: the working folder.

    Raises:
        BadInput: a name that cannot be one, or that is there already.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"'{name}' cannot be a mixture's name; use small letters, digits and _, a letter first"
        )
    path = folder / "sql" / "mixtures" / f"{name}.sql"
    taken = BadInput(f"there is a mixture '{name}' already; choose another name")
    if path.exists() or name in project.files("sql/mixtures", ".sql"):
        raise taken
    template = lake.Query.read(project.file("mixture", TEMPLATE, "sql/mixtures", ".sql"))
    text = _first_line(template.sql, name)
    for param, value in values.items():
        if param in template.params:
            text = _with_default(text, param, value)
    lake.Query.parse(text, name)  # what cannot be read is never written
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as apart:
        whole = Path(apart) / "whole"
        whole.write_text(text, encoding="utf-8")
        try:
            os.link(whole, path)  # all of it at once, and never over another's
        except FileExistsError:
            raise taken from None
    return path


def _first_line(text: str, name: str) -> str:
    _, rest = text.split("\n", 1)
    return f"-- Documents that thresholds chosen in the dashboard keep, each once: {name}.\n{rest}"


def _with_default(text: str, param: str, value: Any) -> str:
    """The text with another default of one parameter; its meaning stays."""
    line = re.compile(
        rf"^(?P<head>-- param {param} +\S+) = ('(?:[^']|'')*'|\S+(?: \S+)*?)  +(?P<meaning>.*)$",
        re.MULTILINE,
    )
    return line.sub(lambda found: f"{found['head']} = {_literal(value)}  {found['meaning']}", text)


def _literal(value: Any) -> str:
    """A value as SQL."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(one) for one in value)}]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)
