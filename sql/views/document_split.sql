-- Which documents are never trained on: about 2 % are held out for evaluation.
-- One row per document.
-- A document made from another one follows its parent, so that a translation of a held-out page
-- is held out too.
select
    doc_id,
    case when md5(coalesce(parent_id, doc_id)) < '05' then 'held_out' else 'train' end as split
from documents
