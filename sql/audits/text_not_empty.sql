-- A document has text, or turns of a conversation.
-- One row per document without either.
select
    doc_id,
    source,
    source_id
from documents
where (text is null or trim(text) = '')
    and (messages is null or len(messages) = 0)
order by doc_id
