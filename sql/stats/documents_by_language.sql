-- Documents and bytes that came in, and what the steps keep of them.
-- One row per language.
select
    documents.lang,
    count(*) as n_documents,
    count(kept_documents.doc_id) as n_kept,
    round(100.0 * count(kept_documents.doc_id) / count(*), 2) as kept_percent,
    sum(documents.n_bytes)::bigint as n_bytes,
    coalesce(sum(kept_documents.n_bytes), 0)::bigint as n_bytes_kept
from documents
left join kept_documents using (doc_id)
group by documents.lang
order by documents.lang
