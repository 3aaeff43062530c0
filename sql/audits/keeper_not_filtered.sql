-- No text is lost with all of its copies: a keeper passes the filters that its duplicate passes.
-- One row per duplicate that all other steps keep and whose keeper one of them is against.
-- The way out is dedup after the filters: after=length_reason,lang_reason and so on.
with duplicates as (
    select
        doc_id,
        regexp_replace(dup_column, '_dup_of$', '') as step,
        dup_of
    from (
        unpivot documents
        on columns('_dup_of$')
        into name dup_column value dup_of
    )
    where dup_of != ''
),

against as (
    select
        doc_id,
        step,
        reason
    from document_reasons
    where reason != 'kept'
)

select
    duplicates.doc_id,
    duplicates.step,
    duplicates.dup_of,
    string_agg(keepers.reason, ', ' order by keepers.step) as keeper_reasons
from duplicates
join against as keepers
    on keepers.doc_id = duplicates.dup_of
    and keepers.step != duplicates.step
where not exists (
    select 1
    from against as own
    where own.doc_id = duplicates.doc_id
        and own.step != duplicates.step
)
group by duplicates.doc_id, duplicates.step, duplicates.dup_of
order by duplicates.doc_id, duplicates.step
