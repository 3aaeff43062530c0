-- How two quality models agree: what each keeps at the same percentile, and in what order.
-- One row per pair of versions, language and source; a source of NULL is the whole language.
-- A version is a column: quality_bin is 'quality', quality_bin_v2 is 'v2'. Documents of a language
-- that one of them has no model for are left out. Rank correlation is that of the percentiles.
-- page funnel 104
-- title Two quality models | 두 품질 모델
-- control min_bin slider 0 99 1
-- param min_bin  INTEGER = 90  lowest percentile that is kept
with groups as (
    select
        lang,
        source,
        columns('^quality_bin'),
        count(*) as n_documents
    from documents
    group by all
),

numbered as materialized (
    select
        row_number() over () as number,
        *
    from groups
),

bins as (
    select
        number,
        lang,
        source,
        n_documents,
        regexp_replace(replace(bin_column, 'quality_bin', 'quality'), '^quality_', '') as version,
        bin::bigint as bin
    from (
        unpivot numbered
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
        first.n_documents as n,
        first.bin as bin,
        other.bin as other_bin,
        first.bin >= $min_bin as is_kept,
        other.bin >= $min_bin as is_kept_by_other
    from bins as first
    join bins as other using (number)
    where first.version < other.version
),

sums as (
    select
        version,
        other_version,
        lang,
        source,
        grouping(source) as is_whole_language,
        sum(n) as n,
        coalesce(sum(n) filter (where is_kept), 0) as n_kept,
        coalesce(sum(n) filter (where is_kept_by_other), 0) as n_kept_by_other,
        coalesce(sum(n) filter (where is_kept and is_kept_by_other), 0) as n_kept_by_both,
        sum(n) * sum(n * bin * other_bin) - sum(n * bin) * sum(n * other_bin) as covariance,
        sum(n) * sum(n * bin * bin) - sum(n * bin) * sum(n * bin) as variance,
        sum(n) * sum(n * other_bin * other_bin) - sum(n * other_bin) * sum(n * other_bin)
            as other_variance
    from pairs
    group by
        grouping sets ((version, other_version, lang), (version, other_version, lang, source))
)

select
    version,
    other_version,
    lang,
    source,
    n::bigint as n_documents,
    round(n_kept / n, 4) as share_kept,
    round(n_kept_by_other / n, 4) as share_kept_by_other,
    round((n - n_kept - n_kept_by_other + 2 * n_kept_by_both) / n, 4) as agreement,
    round(n_kept_by_both / nullif(n_kept + n_kept_by_other - n_kept_by_both, 0), 4) as overlap,
    case
        when variance > 0 and other_variance > 0
            then round(covariance / sqrt(variance::double * other_variance::double), 4)
    end as rank_correlation
from sums
order by version, other_version, lang nulls first, is_whole_language desc, source nulls first
