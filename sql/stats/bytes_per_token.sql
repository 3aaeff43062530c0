-- How well each tokenizer compresses each language and source: UTF-8 bytes a token.
-- One row per tokenizer, language and source, of kept documents that the tokenizer counted.
-- page lake 103
-- title Bytes a token | 토큰당 바이트
-- chart bar x=bytes_per_token y=source color=lang row=tokenizer
with counts as (
    unpivot (
        select
            lang,
            source,
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
    source,
    sum(counted.n_bytes)::bigint as n_bytes,
    sum(counted.n_tokens)::bigint as n_tokens,
    round(sum(counted.n_bytes) / nullif(sum(counted.n_tokens), 0), 3) as bytes_per_token
from counts
where counted.n_documents > 0
group by tokenizer, lang, source
order by tokenizer, lang, source
