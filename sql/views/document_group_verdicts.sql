-- Groups of documents with the first deciding step that does not keep them, and its reason.
-- One row per row of `document_groups`; `step` is NULL and `reason` 'kept' where all keep it.
-- The same verdict as `document_verdicts`, once a group and not once a document.
with numbered as materialized (
    select
        row_number() over () as number,
        *
    from document_groups
),

reasons as (
    select
        number,
        lang,
        regexp_replace(reason_column, '_reason$', '') as step,
        coalesce(reason, 'not_computed') as reason
    from numbered
    unpivot include nulls (reason for reason_column in (columns('_reason$')))
),

removed as (
    select
        number,
        min({position: coalesce(position, 1000), step: step, reason: reason}) as verdict
    from reasons
    left join steps_in_order using (step)
    where reason <> 'kept'
        and coalesce(decides, not regexp_matches(step, '^(perplexity|quality|toxicity)_'))
        and (only_lang is null or only_lang = lang)
    group by number
)

select
    columns(lambda name: name not in ('number', 'verdict')),
    verdict.step,
    coalesce(verdict.reason, 'kept') as reason
from numbered
left join removed using (number)
