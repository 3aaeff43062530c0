-- Documents that share text with an item of an evaluation set.
-- One row per document.
-- `contaminated_by` names the items as 'set:item', 20 at most; `contamination_items` counts all.
select
    doc_id,
    contaminated_by,
    contamination_items,
    contamination_hits
from documents
where contamination_reason <> 'kept'
