-- How well each tokenizer compresses each language and source: UTF-8 bytes a token.
-- One row per tokenizer, language and source.
-- page lake 103
-- title Bytes a token | 토큰당 바이트
-- chart bar x=bytes_per_token y=source color=lang row=tokenizer
select
    tokenizer,
    lang,
    source,
    sum(n_bytes)::bigint as n_bytes,
    sum(n_tokens)::bigint as n_tokens,
    round(sum(n_bytes) / nullif(sum(n_tokens), 0), 3) as bytes_per_token
from kept_documents
join document_tokens using (doc_id)
group by tokenizer, lang, source
order by tokenizer, lang, source
