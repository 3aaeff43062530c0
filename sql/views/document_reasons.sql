-- The verdict of each step on each document: 'kept' or the reason against it.
-- One row per document and reason column, where the reason is computed.
-- `step` is the column's name without its ending, 'lang' for `lang_reason`.
select
    doc_id,
    regexp_replace(reason_column, '_reason$', '') as step,
    reason
from (
    unpivot documents
    on columns('_reason$')
    into name reason_column value reason
)
