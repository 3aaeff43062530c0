-- Documents that a step takes for a reason, to be read.
-- One row per document: the first ones of the lake, in the order of their ids.
-- A document counts at the first deciding step that does not keep it.
-- page funnel 109
-- title Such documents | 해당 문서
-- param step    VARCHAR = 'length'     step, as in the funnel
-- param reason  VARCHAR = 'too_short'  its reason
-- param lang    VARCHAR = '%'          language, % for any
-- param source  VARCHAR = '%'          source, % for any
-- param most    BIGINT = 50            documents at most
with taken as (
    select distinct
        coalesce(lang, '') as lang,
        coalesce(columns('._reason$'), 'not_computed')
    from document_group_verdicts
    where step = $step
        and reason = $reason
),

judged as (
    select
        doc_id,
        source,
        source_id,
        text,
        coalesce(lang, '') as lang,
        coalesce(columns('._reason$'), 'not_computed')
    from documents
    where coalesce(lang, '') like $lang
        and coalesce(source, '') like $source
        and case
            when $reason = 'not_computed' then struct_extract(documents, $step || '_reason') is null
            else struct_extract(documents, $step || '_reason') = $reason
        end
),

found as (
    select
        doc_id,
        lang,
        source,
        source_id,
        left(text, 400) as text
    from judged
    natural join taken
    limit $most
)

select
    doc_id,
    nullif(lang, '') as lang,
    source,
    source_id,
    text
from found
order by doc_id
