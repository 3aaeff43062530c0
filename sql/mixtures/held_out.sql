-- Kept documents that are never trained on, for evaluation.
-- One row per document.
-- allow eval_overlap: they are evaluated on, never trained on
-- param documents  BIGINT = 1000   most documents of a language
-- param seed       BIGINT = 42     choice and order of documents
with candidates as (
    select
        doc_id,
        coalesce(lang, 'unknown') as component,
        md5(doc_id || $seed) as sort_key
    from kept_documents
    join document_split using (doc_id)
    where split = 'held_out'
),

ranked as (
    select
        doc_id,
        component,
        sort_key,
        row_number() over (partition by component order by sort_key, doc_id) as position
    from candidates
)

select
    doc_id,
    component,
    1.0::double as repeats,
    sort_key
from ranked
where position <= $documents
