-- Which evaluation set is in which source, and how much of the set.
-- One row per evaluation set and source.
-- Of a document with more than 20 items only the first 20 count here.
-- page lake 124
-- title Evaluation items in the lake | 레이크에 든 평가 문항
-- chart bar x=n_items y=eval_set color=source
-- chart table
with items as (
    select
        doc_id,
        unnest(contaminated_by) as item
    from contaminated_documents
)

select
    split_part(items.item, ':', 1) as eval_set,
    documents.source,
    documents.lang,
    count(distinct items.doc_id) as n_documents,
    count(distinct items.item) as n_items
from items
join documents using (doc_id)
group by all
order by n_documents desc, eval_set, source, lang
