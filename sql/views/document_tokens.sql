-- Tokens of each document by each tokenizer, without BOS and EOS.
-- One row per document and tokenizer, where they are counted.
select
    doc_id,
    regexp_replace(token_column, '^n_tokens_', '') as tokenizer,
    n_tokens
from (
    unpivot documents
    on columns('^n_tokens_')
    into name token_column value n_tokens
)
