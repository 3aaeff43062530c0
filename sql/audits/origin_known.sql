-- A document's origin is crawled, curated, synthetic or translated.
-- One row per document of another origin, or none.
select
    doc_id,
    source,
    origin
from documents
where origin is null
    or origin not in ('crawled', 'curated', 'synthetic', 'translated')
order by doc_id
