-- Documents that hold some words, or whose id begins so.
-- One row per document: the first ones of the lake, in the order of their ids.
-- page documents 1
-- title Search | 찾기
-- control lang choice languages
-- control source choice sources
-- param words   VARCHAR = ''   text, as it stands in the document; or the begin of an id
-- param lang    VARCHAR = '%'  language, % for any
-- param source  VARCHAR = '%'  source, % for any
-- param most    BIGINT = 50    documents at most
with found as (
    select
        doc_id,
        lang,
        source,
        source_id,
        left(text, 200) as text
    from documents
    where coalesce(lang, '') like $lang
        and coalesce(source, '') like $source
        and (
            contains(text, $words)
            or starts_with(doc_id, $words)
            or starts_with(source_id, $words)
        )
    limit $most
)

select
    doc_id,
    lang,
    source,
    source_id,
    text
from found
order by doc_id
