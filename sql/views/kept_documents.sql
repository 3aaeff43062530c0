-- Documents that every step keeps, with what mixtures choose by.
-- One row per document.
-- A NULL reason means "not computed yet"; such a document is not here.
select
    doc_id,
    lang,
    source,
    origin,
    kind,
    synthesizer,
    n_chars,
    n_bytes
from documents
where length_reason = 'kept'
    and lang_reason = 'kept'
