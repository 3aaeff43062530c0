-- A duplicate names a document that the same method keeps.
-- One row per duplicate whose keeper is gone, not judged, or a duplicate itself.
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
)

select
    duplicates.doc_id,
    duplicates.step,
    duplicates.dup_of,
    keepers.reason
from duplicates
left join document_reasons as keepers
    on keepers.doc_id = duplicates.dup_of
    and keepers.step = duplicates.step
where keepers.reason is distinct from 'kept'
order by duplicates.doc_id, duplicates.step
