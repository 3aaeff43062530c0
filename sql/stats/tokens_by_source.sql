-- Kept tokens by tokenizer, language and source, the largest first.
-- One row per tokenizer, language, source and origin.
select
    tokenizer,
    lang,
    source,
    origin,
    count(*) as n_documents,
    sum(n_tokens)::bigint as n_tokens,
    round(100.0 * sum(n_tokens) / sum(sum(n_tokens)) over (partition by tokenizer), 2) as percent
from kept_documents
join document_tokens using (doc_id)
group by tokenizer, lang, source, origin
order by tokenizer, n_tokens desc, lang, source, origin
