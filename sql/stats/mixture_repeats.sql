-- What each component of a mixture holds, and how often it is repeated.
-- One row per mixture, version and component.
-- `repeats` is the mean over bytes, and over tokens where they were counted.
-- page mixtures 3
-- title Tokens and repeats by component | 구성 요소별 토큰과 반복
-- chart bar x=repeats y=component color=component row=recorded
-- chart table
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
    sum(n_documents)::bigint as n_documents,
    sum(n_tokens)::bigint as n_tokens,
    sum(n_repeated_tokens)::bigint as n_repeated_tokens,
    sum(n_bytes)::bigint as n_bytes,
    sum(n_repeated_bytes)::bigint as n_repeated_bytes,
    round(sum(n_repeated_bytes) / nullif(sum(n_bytes), 0), 3) as repeats,
    mixture || '@' || version as recorded
from recorded_totals
join newest using (mixture)
where mixture like $mixture
    and (version = newest_version or not $only_newest)
group by mixture, version, component
order by mixture, version, n_repeated_bytes desc, component
