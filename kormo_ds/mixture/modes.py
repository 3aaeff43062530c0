"""A mixture of conversations says which of them think, or no model starts to when it is asked.

KORMo's failure (arXiv 2510.09426): answers without reasoning where nothing says that there shall be
none, beside others that reason. What the audit `reasoning_toggled` finds in the whole lake is asked
here of what is about to be recorded, if all of it is conversations. The way out is `kormo sft
variants`; the way to allow it is a line of the query's header, which is recorded with the query:

    -- allow untold_reasoning: REASON
"""

import re

import duckdb

from lake import BadContract, duck

_ALLOWED = re.compile(r"^--\s*allow untold_reasoning:[ \t]*\S", re.MULTILINE)


def check(con: duckdb.DuckDBPyConnection, sql: str, name: str) -> None:
    """Check the rows of the table `selection` beside the view `documents`.

    Args:
        con: the connection that holds both.
        sql: the query with its header.
        name: the mixture's name, for messages.

    Raises:
        BadContract: with the number of such conversations, the first one, and the ways out.
    """
    if "messages" not in con.table("documents").columns or _ALLOWED.search(sql):
        return
    others = con.execute(
        "select doc_id from selection anti join (select doc_id from documents "
        "where messages is not null) using (doc_id) limit 1"
    ).fetchall()
    if others:
        return
    found = con.execute(f"""
        with modes as (
            select doc_id, toggle, has_reasoning
            from selection
            join ({duck.views()["conversation_modes"]}) as known using (doc_id)
        )

        select count(*), min(doc_id), bool_or(toggle is not null)
        from modes
        where has_reasoning <> (toggle = 'think')
            or (
                toggle is null
                and not has_reasoning
                and (select bool_or(has_reasoning) from modes)
            )
    """).fetchall()
    n, example, contradicted = found[0]
    if n:
        what = "are not what they say, or do not" if contradicted else "do not reason and do not"
        raise BadContract(
            f"mixture {name}: {n:,} conversations, first '{example}', {what} say that they shall "
            "not, while others reason: no model starts to reason then; take variants, made with: "
            "kormo sft variants, or say why in the query's header: "
            "-- allow untold_reasoning: REASON"
        )
