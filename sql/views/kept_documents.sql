-- Documents that every deciding step keeps, with what mixtures choose by.
-- One row per document.
-- Every step decides whose column exists, but for those that `steps_in_order` says are signals or
-- made for one language. A NULL reason means "not computed yet"; such a document is not here.
with judged as (
    select columns(*)
    from documents
    where length_reason = 'kept'
        and lang_reason = 'kept'
)

select
    doc_id,
    lang,
    source,
    origin,
    kind,
    synthesizer,
    n_chars,
    n_bytes
from judged
where columns(
    lambda name: ends_with(name, '_reason')
        and not regexp_matches(name, '^(perplexity|quality|toxicity)_.+_reason$')
        and name not in (
            'c4_reason', 'pii_reason', 'contamination_reason', 'fineweb2_ko_reason',
            'gopher_repetition_reason', 'fineweb_reason'
        )
) = 'kept'
    and (
        lang is distinct from 'en'
        or columns(
            lambda name: name in (
                'length_reason', 'gopher_repetition_reason', 'fineweb_reason'
            )
        ) = 'kept'
    )
    and (
        lang is distinct from 'ko'
        or columns(lambda name: name in ('length_reason', 'fineweb2_ko_reason')) = 'kept'
    )
