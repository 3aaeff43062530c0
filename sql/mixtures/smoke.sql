-- A few documents, as they came: needs no step, good for a first try.
-- One row per document.
-- param documents  BIGINT = 200   documents to take
-- param seed       BIGINT = 42    choice and order of documents
select
    doc_id,
    coalesce(lang, 'unknown') as component,
    1.0::double as repeats,
    md5(doc_id || $seed) as sort_key
from documents
order by sort_key, doc_id
limit $documents
