-- What each step keeps and why it would remove the rest.
-- One row per language, step and reason.
select
    documents.lang,
    step,
    reason,
    count(*) as n_documents,
    round(100.0 * count(*) / sum(count(*)) over (partition by documents.lang, step), 2) as percent
from document_reasons
join documents using (doc_id)
group by documents.lang, step, reason
order by documents.lang, step, n_documents desc, reason
