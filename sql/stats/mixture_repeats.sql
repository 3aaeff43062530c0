-- What each component of a mixture holds, and how often it is repeated.
-- One row per mixture, version and component.
-- `repeats` is the mean over bytes, and over tokens where they were counted.
-- page mixtures 3
-- title Tokens and repeats by component | 구성 요소별 토큰과 반복
-- chart bar x=repeats y=component color=component
-- chart table
-- control mixture choice mixtures
-- param mixture  VARCHAR = '%'   name of the mixture, % for all
select
    mixture,
    version,
    component,
    sum(n_documents)::bigint as n_documents,
    sum(n_tokens)::bigint as n_tokens,
    sum(n_repeated_tokens)::bigint as n_repeated_tokens,
    sum(n_bytes)::bigint as n_bytes,
    sum(n_repeated_bytes)::bigint as n_repeated_bytes,
    round(sum(n_repeated_bytes) / nullif(sum(n_bytes), 0), 3) as repeats
from recorded_totals
where mixture like $mixture
group by mixture, version, component
order by mixture, version, n_repeated_bytes desc, component
