-- Tokens of each conversation by each tokenizer, as the chat template writes it.
-- One row per conversation and tokenizer, where they are counted.
select
    doc_id,
    regexp_replace(token_column, '^n_chat_tokens_', '') as tokenizer,
    n_tokens
from (
    unpivot documents
    on columns('^n_chat_tokens_')
    into name token_column value n_tokens
)
where n_tokens > 0
