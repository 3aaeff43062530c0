-- All kept documents of the training split, by language.
-- One row per document.
-- param ko_repeats       DOUBLE = 1.0   passes over a Korean document
-- param one_synthesizer  VARCHAR = ''   take the synthetic Korean of this one alone; '' takes all
-- param seed             BIGINT = 42    order of documents
select
    doc_id,
    coalesce(lang, 'unknown') as component,
    case when lang = 'ko' then $ko_repeats else 1.0::double end as repeats,
    md5(doc_id || $seed) as sort_key
from kept_documents
join document_split using (doc_id)
where split = 'train'
    and (
        $one_synthesizer in ('', synthesizer)
        or lang is distinct from 'ko'
        or (synthesizer is null and origin is distinct from 'synthetic')
    )
