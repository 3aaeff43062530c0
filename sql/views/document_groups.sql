-- Documents counted by all that statistics group them by: what they are, and every verdict.
-- One row per language, source, origin, kind, synthesizer and combination of reasons.
-- Some thousand rows for millions of documents, so that many questions need one scan. Bytes and
-- tokens are sums of those that are counted. `_reason` and `n_tokens_` stand for no step and no
-- tokenizer.
-- optional n_bytes   BIGINT   NULL before the step length
with every_column as (
    select
        *,
        'kept' as _reason,
        null::bigint as n_tokens_
    from documents
)

select
    lang,
    source,
    origin,
    kind,
    synthesizer,
    columns('_reason$'),
    count(*) as n_documents,
    sum(n_bytes)::bigint as n_bytes,
    sum(columns('^n_tokens_'))::bigint
from every_column
group by all
