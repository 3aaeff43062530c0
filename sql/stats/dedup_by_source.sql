-- What each method of dedup removes from each source.
-- One row per method, language and source that it judged.
-- `percent` is of the documents that took part; those left out had failed a filter before.
-- page funnel 102
-- title Deduplication by source | 출처별 중복 제거
-- chart bar x=percent y=source color=method stack=none row=method
-- chart table
with judged as (
    unpivot (
        select
            lang,
            source,
            n_documents,
            columns('^(exact|minhash|bff|)_reason$')
        from document_groups
    )
    on columns('_reason$')
    into name reason_column value reason
),

counted as (
    select
        reason_column[:-8] as method,
        lang,
        source,
        sum(n_documents) filter (where reason != 'left_out') as n_judged,
        sum(n_documents) filter (where reason not in ('kept', 'left_out')) as n_removed,
        sum(n_documents) filter (where reason = 'left_out') as n_left_out
    from judged
    where reason_column != '_reason'
    group by method, lang, source
)

select
    method,
    lang,
    source,
    coalesce(n_judged, 0)::bigint as n_documents,
    coalesce(counted.n_removed, 0)::bigint as n_removed,
    round(100.0 * coalesce(counted.n_removed, 0) / nullif(n_judged, 0), 2) as percent,
    coalesce(counted.n_left_out, 0)::bigint as n_left_out
from counted
order by method, n_removed desc, lang, source
