-- The first deciding step of the pipeline that does not keep a document, and its reason.
-- One row per document; `step` is NULL and `reason` 'kept' where all keep it.
-- A reason that is not computed yet is 'not_computed'.
with reasons as (
    select
        doc_id,
        lang,
        regexp_replace(reason_column, '_reason$', '') as step,
        coalesce(reason, 'not_computed') as reason
    from documents
    unpivot include nulls (reason for reason_column in (columns('_reason$')))
),

removed as (
    select
        doc_id,
        min({position: coalesce(position, 1000), step: step, reason: reason}) as verdict
    from reasons
    left join steps_in_order using (step)
    where reason <> 'kept'
        and coalesce(decides, not regexp_matches(step, '^(perplexity|quality|toxicity)_'))
        and (only_lang is null or only_lang = lang)
    group by doc_id
)

select
    documents.doc_id,
    verdict.step,
    coalesce(verdict.reason, 'kept') as reason
from documents
left join removed using (doc_id)
