-- The funnel and `kept_documents` mean the same by kept.
-- One row per document that one keeps and the other does not.
select
    doc_id,
    document_verdicts.step,
    document_verdicts.reason
from document_verdicts
left join kept_documents using (doc_id)
where (document_verdicts.reason = 'kept') <> (kept_documents.doc_id is not null)
order by doc_id
