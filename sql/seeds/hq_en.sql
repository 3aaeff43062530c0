-- Kept English documents of high quality that no model wrote.
-- One row per document.
-- Needs the step quality. No document that shares text with an evaluation set, where the step
-- contamination has looked.
-- optional contamination_reason   VARCHAR   NULL where the step has not run
-- param min_quality_bin  BIGINT = 90     percentile of the quality model at least
-- param min_chars        BIGINT = 400    characters of the final text at least
-- param max_chars        BIGINT = 50000  and at most
-- param seed             BIGINT = 42     order of documents
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
    and documents.synthesizer is null
    and documents.quality_bin >= $min_quality_bin
    and documents.contamination_reason is distinct from 'eval_overlap'
    and length(trim(final_text.final_text)) between $min_chars and $max_chars
