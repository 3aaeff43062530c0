"""What should not pass unseen: a filter that is too full, a source that loses most of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kormo_ds.dedup.run_bff import Report
    from lake import Lake

UNUSUAL = 3.0
"""Times the median of its language that a source must lose to be named,"""
MOST_ALLOWED = 0.2
"""and more than this share;"""
ALWAYS = 0.7
"""a source that loses more is named in any case: KORMo's whole Korean corpus lost 70 %."""


@dataclass(frozen=True)
class Loss:
    """What one source of one language lost."""

    lang: str | None
    source: str | None
    documents: int
    """Documents judged."""
    removed: int
    """Documents of which nothing is left."""
    share: float
    """Share of its bytes that was removed."""


def losses(lk: "Lake", text: str) -> list[Loss]:
    """What each source lost, most first; `text` is the column that was judged."""
    rows = lk.sql(f"""
        select
            lang,
            source,
            count(*) as documents,
            count(*) filter (where bff_reason in ('duplicate_document', 'nothing_left')) as removed,
            coalesce(sum(list_sum(
                list_transform(dup_spans, lambda span: span."end" - span."start")
            )) / nullif(sum(octet_length(encode("{text}"))), 0), 0)::double as share
        from documents
        where bff_reason is not null and bff_reason <> 'left_out'
        group by all
        order by share desc, lang, source
    """).fetchall()
    return [Loss(*row) for row in rows]


def lines(report: "Report", found: Sequence[Loss]) -> list[str]:
    """One line for each thing that someone should look at."""
    seen, said = report.seen, []
    if seen.plan and seen.fp > seen.plan.fp:
        said.append(
            f"the filter answers {seen.fp:.2g} of unseen n-grams wrongly, planned were "
            f"{seen.plan.fp:g}: it holds {seen.n_added:,} and was made for "
            f"{seen.plan.n_entries:,}; drop the columns and run again with "
            f"expected={2 * seen.n_added}"
        )
    for loss in found:
        others = [other.share for other in found if other.lang == loss.lang and other is not loss]
        usual = median(others) if others else 0.0
        much = loss.share > max(UNUSUAL * usual, MOST_ALLOWED) and len(others) >= 2
        if much or loss.share > ALWAYS:
            said.append(
                f"source '{loss.source}' ({loss.lang}) loses {loss.share:.0%} of its bytes, the "
                f"median of other {loss.lang} sources is {usual:.0%}; see: kormo sql -c "
                f"\"select dup_spans, text from documents where source = '{loss.source}' limit 5\""
            )
    return said
