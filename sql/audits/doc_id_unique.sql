-- A doc_id names one document.
-- One row per doc_id that several rows share.
select
    doc_id,
    count(*) as n_rows
from documents
group by doc_id
having count(*) > 1
order by doc_id
