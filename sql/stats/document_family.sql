-- What a document was made from, and what was made from it: seeds, rewrites, translations.
-- One row per document of the family but itself, the nearest first; `level` -1 is a parent.
-- A parent that is not in the lake has a NULL language and source.
-- param doc_id  VARCHAR       the document
-- param levels  INTEGER = 4   generations up and down
-- param most    BIGINT = 100  documents at most
with recursive up as (
    select
        parent_id as doc_id,
        -1 as level
    from documents
    where doc_id = $doc_id
        and parent_id is not null
    union
    select
        documents.parent_id,
        up.level - 1
    from up
    join documents using (doc_id)
    where up.level > -$levels
        and documents.parent_id is not null
),

down as (
    select
        doc_id,
        1 as level
    from documents
    where parent_id = $doc_id
    union
    select
        documents.doc_id,
        down.level + 1
    from down
    join documents on documents.parent_id = down.doc_id
    where down.level < $levels
),

family as (
    select
        doc_id,
        arg_min(level, (abs(level), level)) as level
    from (
        from up
        union all
        from down
    )
    where doc_id <> $doc_id
    group by doc_id
)

select
    family.level,
    family.doc_id,
    documents.lang,
    documents.source,
    documents.origin,
    documents.synthesizer,
    documents.prompt_style,
    left(documents.text, 120) as text
from family
left join documents using (doc_id)
order by abs(family.level), family.level, family.doc_id
limit $most
