-- What each deciding step takes, and why: a document counts at the first step that takes it.
-- One row per step, reason, language and source.
-- `percent` is of the documents of that language and source.
-- page funnel 2
-- title Taken, by step and reason: choose a row to read such documents | 제거된 문서: 행을 고르면 그 문서를 읽습니다
-- chart table
-- control lang choice languages
-- control source choice sources
-- param lang    VARCHAR = '%'  language, % for any
-- param source  VARCHAR = '%'  source, % for any
with counted as (
    select
        step,
        reason,
        lang,
        source,
        sum(n_documents)::bigint as n_documents,
        sum(n_bytes)::bigint as n_bytes,
        sum(sum(n_documents)) over (partition by lang, source) as n_all
    from document_group_verdicts
    where coalesce(lang, '') like $lang
        and coalesce(source, '') like $source
    group by step, reason, lang, source
)

select
    step,
    reason,
    lang,
    source,
    n_documents,
    round(100.0 * n_documents / n_all, 2) as percent,
    n_bytes
from counted
where step is not null
order by n_documents desc, step, reason, lang, source
