-- Kept documents that no model wrote and that begin with a title, which is their topic.
-- One row per document.
-- A title is a first line of 2 to 60 characters without a mark at its end, less what Markdown puts
-- before and behind it. No document that shares text with an evaluation set, where the step
-- contamination has looked.
-- optional contamination_reason   VARCHAR   NULL where the step has not run
-- param lang       VARCHAR = '%'   languages, with % for any
-- param min_chars  BIGINT = 400    characters of the final text at least
-- param seed       BIGINT = 42     order of documents
with titled as (
    select
        doc_id,
        final_text as text,
        regexp_extract(
            final_text, '^\s*[#=* ]*([^#=* \n][^\n]{1,59}?)[#=* ]*\n', 1
        ) as title
    from final_text
)

select
    documents.doc_id,
    titled.text,
    documents.lang,
    documents.source,
    titled.title as topic,
    md5(documents.doc_id || $seed) as sort_key
from documents
join kept_documents using (doc_id)
join titled using (doc_id)
where documents.lang like $lang
    and documents.synthesizer is null
    and documents.contamination_reason is distinct from 'eval_overlap'
    and length(trim(titled.text)) >= $min_chars
    and length(titled.title) >= 2
    and not regexp_matches(titled.title, '[.!?,:;。]$')
