"""Evaluation sets of a lake: their items as the sub-tables `eval_sets/NAME`, found by name.

A set is written whole or not at all (one Lance commit). Its digest is over what is compared with
documents, so that a column computed against it can tell whether it is still the same.
"""

import hashlib
import re

import pyarrow as pa

import lake
from kormo_ds.errors import BadInput, unknown

FOLDER = "eval_sets"
SCHEMA = pa.schema(
    [
        pa.field("item", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("lang", pa.string()),
        pa.field("file", pa.string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
    ]
)
"""One row per item: its id in the set, the text that is looked for, language, file and line."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def table(name: str) -> str:
    """The sub-table of a set.

    Raises:
        BadInput: what cannot be a set's name.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"'{name}' cannot be an evaluation set's name; use letters, digits, - and _")
    return f"{FOLDER}/{name}"


def names(lk: lake.Lake) -> list[str]:
    """The sets of a lake, sorted."""
    prefix = f"{FOLDER}/"
    return sorted(n.removeprefix(prefix) for n in lk.tables() if n.startswith(prefix))


def chosen(lk: lake.Lake, text: str) -> list[str]:
    """The sets of a list with commas, sorted; of the empty text, all.

    Raises:
        UnknownName: a set that the lake does not have.
        BadInput: the lake has none at all.
    """
    known = names(lk)
    if not known:
        raise BadInput("no evaluation set is in the lake yet; add one: kormo evals add NAME FILE")
    wanted = sorted({name.strip() for name in text.split(",") if name.strip()})
    for name in wanted:
        if name not in known:
            raise unknown("evaluation set", name, known, "add it with: kormo evals add NAME FILE")
    return wanted or known


def read(lk: lake.Lake, name: str) -> pa.Table:
    """The items of a set, in their order."""
    items: pa.Table = lk.dataset(table(name)).to_table()
    return items.cast(SCHEMA)


def digest(items: pa.Table) -> str:
    """SHA-256 over ids and texts of items in their order, each after its length in bytes."""
    hashed = hashlib.sha256()
    for item, text in zip(items["item"].to_pylist(), items["text"].to_pylist(), strict=True):
        for part in (item.encode(), text.encode()):
            hashed.update(len(part).to_bytes(8, "little"))
            hashed.update(part)
    return hashed.hexdigest()
