-- No kept document shares text with an evaluation set, or its score says nothing.
-- One row per kept document that does.
-- `kormo mixture run` refuses these documents in any query that does not say why they may be there.
select
    doc_id,
    contaminated_by,
    contamination_items
from contaminated_documents
semi join kept_documents using (doc_id)
order by doc_id
