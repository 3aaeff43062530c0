-- A reason is 'kept' or a word that says why not; never empty.
-- One row per document and step with anything else.
select
    doc_id,
    step,
    reason
from document_reasons
where not regexp_full_match(reason, '[a-z][a-z0-9_]*')
order by doc_id, step
