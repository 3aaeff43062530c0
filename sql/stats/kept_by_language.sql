-- What is kept of each language: documents, tokens, and UTF-8 bytes a token.
-- One row per tokenizer and language, of documents that the tokenizer counted.
with counts as (
    unpivot (
        select
            lang,
            columns('^counted_.')
        from document_group_verdicts
        where step is null
    )
    on columns('^counted_')
    into name counted_column value counted
)

select
    replace(counted_column, 'counted_', '') as tokenizer,
    lang,
    sum(counted.n_documents)::bigint as n_documents,
    sum(counted.n_tokens)::bigint as n_tokens,
    round(sum(counted.n_bytes) / nullif(sum(counted.n_tokens), 0), 3) as bytes_per_token
from counts
where counted.n_documents > 0
group by tokenizer, lang
order by tokenizer, lang
