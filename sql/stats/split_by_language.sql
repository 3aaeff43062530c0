-- Kept documents for training and those held out.
-- One row per language and split.
select
    lang,
    split,
    count(*) as n_documents,
    sum(n_bytes)::bigint as n_bytes
from kept_documents
join document_split using (doc_id)
group by lang, split
order by lang, split
