-- Documents counted by all that statistics group them by: what they are, and every verdict.
-- One row per language, source, origin, kind, synthesizer and combination of reasons.
-- Some thousand rows for millions of documents, so that many questions need one scan. Bytes and
-- tokens are sums of those that are counted; `counted_X` holds both, and the number, of the
-- documents that tokenizer X counted. `_reason`, `n_tokens_` and `counted_` stand for no step and
-- no tokenizer.
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
    sum(columns('^n_tokens_'))::bigint,
    {
        n_documents: count(columns('^n_tokens_(.*)$')),
        n_bytes: sum(if(columns('^n_tokens_(.*)$') is null, null, n_bytes))::bigint,
        n_tokens: sum(columns('^n_tokens_(.*)$'))::bigint
    } as "counted_\1"
from every_column
group by all
