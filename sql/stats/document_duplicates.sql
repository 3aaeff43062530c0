-- Documents that a method of deduplication holds for the same as this one.
-- One row per method and other document.
-- `is_keeper` says that the other one stays, and this one is what is taken.
-- param doc_id  VARCHAR       the document
-- param most    BIGINT = 100  documents at most
with pairs as (
    select
        doc_id,
        keeper,
        replace(keeper_column, '_dup_of', '') as method
    from (
        unpivot (
            select
                doc_id,
                columns('_dup_of$')
            from documents
        )
        on columns('_dup_of$')
        into name keeper_column value keeper
    )
),

others as (
    select
        method,
        keeper as other,
        true as is_keeper
    from pairs
    where doc_id = $doc_id
        and keeper <> doc_id
    union all
    select
        method,
        doc_id,
        false
    from pairs
    where keeper = $doc_id
        and doc_id <> keeper
)

select
    others.method,
    others.is_keeper,
    others.other as doc_id,
    documents.lang,
    documents.source,
    left(documents.text, 120) as text
from others
left join documents on documents.doc_id = others.other
order by others.method, others.is_keeper desc, others.other
limit $most
