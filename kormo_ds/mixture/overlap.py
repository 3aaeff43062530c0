"""A mixture holds no document that shares text with an evaluation set, unless its query says why.

Asked of the column that the step `contamination` writes, where the documents have it. The way to
allow it is a line of the query's header, which is recorded with the query:

    -- allow eval_overlap: these documents are never trained on
"""

import re

import duckdb

from lake import BadContract

_ALLOWED = re.compile(r"^--\s*allow eval_overlap:[ \t]*\S", re.MULTILINE)
_SHOWN = 3


def check(con: duckdb.DuckDBPyConnection, sql: str, name: str) -> None:
    """Check the rows of the table `selection` beside the view `documents`.

    Args:
        con: the connection that holds both.
        sql: the query with its header.
        name: the mixture's name, for messages.

    Raises:
        BadContract: with the number of such documents, the first ones, and the ways out.
    """
    if "contamination_reason" not in con.table("documents").columns or _ALLOWED.search(sql):
        return
    rows = con.execute(
        """
        select doc_id, contaminated_by[1], contamination_items, count(*) over ()
        from selection
        join documents using (doc_id)
        where contamination_reason <> 'kept'
        order by doc_id
        limit $shown
        """,
        {"shown": _SHOWN},
    ).fetchall()
    if rows:
        first = ", ".join(
            f"{doc_id} ({item}{f' and {n - 1:,} more' if n > 1 else ''})"
            for doc_id, item, n, _ in rows
        )
        raise BadContract(
            f"mixture {name} holds {rows[0][3]:,} documents that share text with evaluation sets: "
            f"{first}{', …' if rows[0][3] > _SHOWN else ''}; leave them out with "
            "'anti join contaminated_documents using (doc_id)', or say why they may be there in "
            "the query's header: -- allow eval_overlap: REASON"
        )


def n_unchecked(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Documents of `table` that were not compared while others were; 0 where none was.

    Args:
        con: a connection that knows `documents`.
        table: a table with a `doc_id`, as SQL names it.
    """
    if "contamination_reason" not in con.table("documents").columns:
        return 0
    unchecked = con.execute(
        f"select count(*) from {table} join documents using (doc_id) "
        "where contamination_reason is null"
    )
    return int(unchecked.fetchall()[0][0])
