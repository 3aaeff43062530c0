"""A condition that somebody typed, put into a query so that it stays a condition.

DuckDB's own parser decides: as the condition of a `select` and as the one value of another it must
be the same expression, so no bracket, comment or keyword of it reaches what stands around it.
"""

import json
from typing import Any

from lake import duck
from lake.errors import BadQuery

_SERIALIZE = "select json_serialize_sql($text)"
EXAMPLE = "lang = 'ko' and n_chars > 500"


def check(condition: str) -> None:
    """See that a text is one expression.

    Raises:
        BadQuery: it is not; the message says what is wrong.
    """
    if not condition.strip():
        raise BadQuery(f"write a condition, as: {EXAMPLE}")
    asked = f"select 1 where (\n{condition}\n)"
    duck.check_select(asked)
    if duck.parameters(asked):
        raise BadQuery("a condition has no parameters: write the value in place of $name or ?")
    around, alone = _tree(asked), _tree(f"select \n{condition}\n")
    if alone is None or around is None or around["where_clause"] != _only_value(alone):
        raise BadQuery(
            "this is more than a condition; write one expression over the columns of documents, "
            f"as: {EXAMPLE}"
        )


def _tree(text: str) -> dict[str, Any] | None:
    """The one select of a text as DuckDB reads it, without places in the text."""
    said = duck.scratch().execute(_SERIALIZE, {"text": text}).fetchall()[0][0]
    read = json.loads(said, object_hook=_unplaced)
    if read["error"] or len(read["statements"]) != 1:
        return None
    node: dict[str, Any] = read["statements"][0]["node"]
    return node


def _only_value(node: dict[str, Any]) -> Any:
    """What a `select` of one value and nothing else selects; None of any other."""
    empty: dict[str, Any] = {
        "modifiers": [],
        "where_clause": None,
        "group_expressions": [],
        "having": None,
        "qualify": None,
        "sample": None,
    }
    is_bare = all(node.get(part) == nothing for part, nothing in empty.items())
    values = node.get("select_list", [])
    is_bare &= node.get("from_table", {}).get("type") == "EMPTY" and len(values) == 1
    return values[0] if is_bare else None


def _unplaced(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if not key.startswith("query_location")}
