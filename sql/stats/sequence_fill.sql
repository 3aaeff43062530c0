-- How full packed sequences are, and what was left over.
-- One row per packed table.
select
    name,
    mixture,
    tokenizer,
    strategy,
    length,
    n_rows,
    n_documents,
    n_tokens_packed,
    n_tokens_left_over,
    n_padding,
    round(100.0 * n_tokens_packed / nullif(n_rows * length, 0), 3) as fill_percent
from sequences
order by name, created_at
