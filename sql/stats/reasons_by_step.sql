-- What each step keeps and why it would remove the rest.
-- One row per language, step and reason.
-- page funnel 101
-- title Every verdict of every step | 모든 단계의 모든 판정
with reasons as (
    unpivot (
        select
            lang,
            n_documents,
            columns('._reason$')
        from document_groups
    )
    on columns('_reason$')
    into name reason_column value reason
)

select
    lang,
    reason_column[:-8] as step,
    reason,
    sum(n_documents)::bigint as n_documents,
    round(100.0 * sum(n_documents) / sum(sum(n_documents)) over (partition by lang, step), 2)
        as percent
from reasons
group by lang, step, reason
order by lang, step, n_documents desc, reason
