-- How two quality models agree: what each keeps at the same percentile, and in what order.
-- One row per pair of versions, language and source; a source of NULL is the whole language.
-- A version is a column: quality_bin is 'quality', quality_bin_v2 is 'v2'. Documents of a language
-- that one of them has no model for are left out. Rank correlation is that of the percentiles.
-- page funnel 104
-- title Two quality models | 두 품질 모델
-- control min_bin slider 0 99 1
-- param min_bin  INTEGER = 90  lowest percentile that is kept
with bins as (
    select
        doc_id,
        lang,
        source,
        regexp_replace(replace(bin_column, 'quality_bin', 'quality'), '^quality_', '') as version,
        bin
    from (
        unpivot documents
        on columns('^quality_bin')
        into name bin_column value bin
    )
    where bin >= 0
),

pairs as (
    select
        first.lang,
        first.source,
        first.version as version,
        other.version as other_version,
        first.bin as bin,
        other.bin as other_bin,
        first.bin >= $min_bin as is_kept,
        other.bin >= $min_bin as is_kept_by_other
    from bins as first
    join bins as other using (doc_id)
    where first.version < other.version
)

select
    version,
    other_version,
    lang,
    source,
    count(*) as n_documents,
    round(avg(is_kept::int), 4) as share_kept,
    round(avg(is_kept_by_other::int), 4) as share_kept_by_other,
    round(avg((is_kept = is_kept_by_other)::int), 4) as agreement,
    round(
        count(*) filter (where is_kept and is_kept_by_other)
        / nullif(count(*) filter (where is_kept or is_kept_by_other), 0),
        4
    ) as overlap,
    case
        when stddev_pop(bin) > 0 and stddev_pop(other_bin) > 0 then round(corr(bin, other_bin), 4)
    end as rank_correlation
from pairs
group by grouping sets ((version, other_version, lang), (version, other_version, lang, source))
order by version, other_version, lang nulls first, grouping(source) desc, source nulls first
