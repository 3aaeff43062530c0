-- Documents that a step takes for a reason, to be read.
-- One row per document, in the order of their ids.
-- A document counts at the first deciding step that does not keep it.
-- page funnel 109
-- title Such documents | 해당 문서
-- param step    VARCHAR = 'length'     step, as in the funnel
-- param reason  VARCHAR = 'too_short'  its reason
-- param lang    VARCHAR = '%'          language, % for any
-- param source  VARCHAR = '%'          source, % for any
-- param most    BIGINT = 50            documents at most
select
    doc_id,
    documents.lang,
    documents.source,
    source_id,
    left(text, 400) as text
from document_verdicts
join documents using (doc_id)
where step = $step
    and reason = $reason
    and coalesce(documents.lang, '') like $lang
    and coalesce(documents.source, '') like $source
order by doc_id
limit $most
