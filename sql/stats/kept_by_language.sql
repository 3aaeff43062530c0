-- What is kept of each language: documents, tokens, and UTF-8 bytes a token.
-- One row per tokenizer and language.
select
    tokenizer,
    lang,
    count(*) as n_documents,
    sum(n_tokens)::bigint as n_tokens,
    round(sum(n_bytes) / nullif(sum(n_tokens), 0), 3) as bytes_per_token
from kept_documents
join document_tokens using (doc_id)
group by tokenizer, lang
order by tokenizer, lang
