-- Questions of kept English documents: the first turn of a user, else `question` in meta.
-- One row per document.
-- Conversations of models may be taken, since the question is the seed and not the answer; by
-- default none is. No document that shares text with an evaluation set, where the step
-- contamination has looked.
-- optional contamination_reason   VARCHAR   NULL where the step has not run
-- param source      VARCHAR = '%'     sources, with % for any letters
-- param synthetic   BOOLEAN = false   questions of documents that a model wrote, too
-- param max_chars   BIGINT = 4000     characters of a question at most
-- param seed        BIGINT = 42       order of documents
with asked as (
    select
        doc_id,
        lang,
        source,
        synthesizer,
        contamination_reason,
        trim(
            coalesce(
                list_filter(messages, lambda turn: turn.role = 'user')[1].content,
                json_extract_string(meta, '$.question')
            )
        ) as question
    from documents
    where lang = 'en'
)

select
    asked.doc_id,
    asked.question as text,
    asked.lang,
    asked.source,
    null::varchar as topic,
    md5(asked.doc_id || $seed) as sort_key
from asked
join kept_documents using (doc_id)
where ($synthetic or asked.synthesizer is null)
    and asked.contamination_reason is distinct from 'eval_overlap'
    and asked.source like $source
    and length(asked.question) between 1 and $max_chars
