"""What changed from one mixture to another: documents in, out and repeated otherwise."""

from dataclasses import dataclass

import lake
from kormo_ds.recorded import Mixture
from lake import duck


@dataclass(frozen=True)
class Change:
    """Documents of one component and language that changed in one way."""

    change: str
    """'in', 'out' or 'repeats'; a document of another component is out of one and in the other."""
    component: str
    lang: str | None
    n_documents: int
    n_bytes: int | None
    n_tokens: int | None
    n_drawn_tokens: int | None
    """Tokens times repeats: how many more are drawn than before."""


@dataclass(frozen=True)
class Difference:
    """The changes from one mixture to another; none where the same documents are drawn as often."""

    changes: tuple[Change, ...]
    n_same: int
    """Documents in both, in the same component and as often."""
    is_same: bool
    """Both are the same rows in the same order, to the byte."""


def diff(lk: lake.Lake, before: Mixture, after: Mixture) -> Difference:
    """Compare two recorded mixtures by component and language.

    Bytes are those of `n_bytes`, tokens those of the later tokenizer, read at the later version of
    `documents`; None where these columns are not there. Cost: one join of both selections.
    """
    at = max(before, after, key=lambda m: m.documents_version).tag
    con = duck.connect(lk, at=at, mentioned="documents")
    con.register("before", lk.dataset(before.table))
    con.register("after", lk.dataset(after.table))
    known = con.table("documents").columns
    tokens = f"n_tokens_{after.tokenizer or before.tokenizer}"
    n_bytes = "n_bytes" if "n_bytes" in known else "null::bigint"
    n_tokens = f'"{tokens}"' if tokens in known else "null::bigint"
    rows = con.sql(f"""
        with changes as (
            select
                case
                    when before.doc_id is null then 'in'
                    when after.doc_id is null then 'out'
                    when before.repeats <> after.repeats then 'repeats'
                    else 'same'
                end as change,
                doc_id,
                component,
                coalesce(after.repeats, 0) - coalesce(before.repeats, 0) as more
            from before
            full join after using (doc_id, component)
        )

        select
            change,
            component,
            lang,
            count(*) as n_documents,
            sum({n_bytes})::bigint as n_bytes,
            sum({n_tokens})::bigint as n_tokens,
            round(sum({n_tokens} * more))::bigint as n_drawn_tokens
        from changes
        left join documents using (doc_id)
        group by change, component, lang
        order by change, component, lang
    """).fetchall()
    return Difference(
        changes=tuple(Change(*row) for row in rows if row[0] != "same"),
        n_same=sum(row[3] for row in rows if row[0] == "same"),
        is_same=before.digest == after.digest,
    )
