-- A document made from another one can be led back to it.
-- One row per document whose parent is not in the lake.
select
    doc_id,
    source,
    parent_id
from documents
where parent_id is not null
    and parent_id not in (select doc_id from documents)
order by doc_id
