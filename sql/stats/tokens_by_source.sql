-- Kept tokens by tokenizer, language and source, the largest first.
-- One row per tokenizer, language, source and origin.
-- page lake 102
-- title Kept tokens by source | 출처별 남은 토큰
-- chart bar x=n_tokens y=source color=lang row=tokenizer
with counted as (
    unpivot (
        select
            lang,
            source,
            origin,
            n_documents,
            columns('^n_tokens_.')
        from document_group_verdicts
        where step is null
    )
    on columns('^n_tokens_')
    into name token_column value n_tokens
)

select
    replace(token_column, 'n_tokens_', '') as tokenizer,
    lang,
    source,
    origin,
    sum(n_documents)::bigint as n_documents,
    sum(n_tokens)::bigint as n_tokens,
    round(100.0 * sum(n_tokens) / sum(sum(n_tokens)) over (partition by tokenizer), 2) as percent
from counted
group by tokenizer, lang, source, origin
order by tokenizer, n_tokens desc, lang, source, origin
