-- Kept English web pages, or documents of another origin, that no model wrote.
-- One row per document.
-- No page that shares text with an evaluation set, where the step contamination has looked.
-- optional contamination_reason   VARCHAR   NULL where the step has not run
-- param origin     VARCHAR = 'crawled'  origin of the documents
-- param source     VARCHAR = '%'        sources, with % for any letters
-- param min_chars  BIGINT = 200         characters of the final text at least
-- param max_chars  BIGINT = 50000       and at most
-- param seed       BIGINT = 42          order of documents
select
    documents.doc_id,
    final_text.final_text as text,
    documents.lang,
    documents.source,
    null::varchar as topic,
    md5(documents.doc_id || $seed) as sort_key
from documents
join kept_documents using (doc_id)
join final_text using (doc_id)
where documents.lang = 'en'
    and documents.origin = $origin
    and documents.synthesizer is null
    and documents.contamination_reason is distinct from 'eval_overlap'
    and documents.source like $source
    and length(trim(final_text.final_text)) between $min_chars and $max_chars
