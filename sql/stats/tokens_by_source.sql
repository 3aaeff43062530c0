-- Kept tokens by tokenizer, language and source, the largest first.
-- One row per tokenizer, language, source and origin, of documents that the tokenizer counted.
-- page lake 102
-- title Kept tokens by source | 출처별 남은 토큰
-- chart bar x=n_tokens y=source color=lang row=tokenizer
with counts as (
    unpivot (
        select
            lang,
            source,
            origin,
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
    origin,
    sum(counted.n_documents)::bigint as n_documents,
    sum(counted.n_tokens)::bigint as n_tokens,
    round(
        100.0 * sum(counted.n_tokens)
        / sum(sum(counted.n_tokens)) over (partition by tokenizer),
        2
    ) as percent
from counts
where counted.n_documents > 0
group by tokenizer, lang, source, origin
order by tokenizer, n_tokens desc, lang, source, origin
