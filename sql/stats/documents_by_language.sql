-- Documents and bytes that came in, and what the steps keep of them.
-- One row per language.
-- page lake 101
-- title Came in, and kept, by language | 언어별 수집과 보존
select
    lang,
    sum(n_documents)::bigint as n_documents,
    coalesce(sum(n_documents) filter (where step is null), 0)::bigint as n_kept,
    round(100.0 * n_kept / sum(n_documents), 2) as kept_percent,
    sum(n_bytes)::bigint as n_bytes,
    coalesce(sum(n_bytes) filter (where step is null), 0)::bigint as n_bytes_kept
from document_group_verdicts
group by lang
order by lang
