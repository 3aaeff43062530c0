-- What mixtures are made of: bytes times repeats by component, language and origin.
-- One row per mixture, version, component, language and origin.
-- page mixtures 2
-- title What mixtures are made of | 혼합의 구성
-- chart bar x=n_repeated_bytes y=component color=lang row=recorded
-- control mixture choice mixtures
-- param mixture      VARCHAR = '%'    name of the mixture, % for all
-- param only_newest  BOOLEAN = true   the newest version of each mixture alone
with newest as (
    select
        mixture,
        max(version) as newest_version
    from mixtures
    group by mixture
)

select
    mixture,
    version,
    component,
    lang,
    origin,
    sum(n_documents)::bigint as n_documents,
    sum(n_repeated_tokens)::bigint as n_repeated_tokens,
    sum(n_repeated_bytes)::bigint as n_repeated_bytes,
    round(
        100.0 * sum(n_repeated_bytes)
        / sum(sum(n_repeated_bytes)) over (partition by mixture, version),
        2
    ) as percent,
    mixture || '@' || version as recorded
from recorded_totals
join newest using (mixture)
where mixture like $mixture
    and (version = newest_version or not $only_newest)
group by mixture, version, component, lang, origin
order by mixture, version, n_repeated_bytes desc, component, lang, origin
