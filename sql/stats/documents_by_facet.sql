-- Documents, bytes and tokens by one thing that is known of every document.
-- One row per value.
-- `amount` is what is drawn: tokens, bytes or documents.
-- page lake 2
-- title By language, source, origin, kind, synthesizer | 언어, 출처, 기원, 종류, 생성 모델별
-- chart bar x=amount y=value color=value
-- control facet choice lang,source,origin,kind,synthesizer
-- control measure choice measures
-- control tokenizer choice tokenizers
-- param facet      VARCHAR = 'lang'       lang, source, origin, kind or synthesizer
-- param measure    VARCHAR = 'documents'  tokens, bytes or documents
-- param tokenizer  VARCHAR = ''           whose tokens are counted; empty for none
with counted as (
    select
        struct_extract(verdicts, $facet) as value,
        sum(n_documents)::bigint as n_documents,
        coalesce(sum(n_documents) filter (where step is null), 0)::bigint as n_kept,
        sum(n_bytes)::bigint as n_bytes,
        sum(struct_extract(verdicts, 'n_tokens_' || $tokenizer))::bigint as n_tokens
    from document_group_verdicts as verdicts
    group by value
)

select
    value,
    case $measure
        when 'tokens' then n_tokens
        when 'bytes' then n_bytes
        else n_documents
    end as amount,
    n_documents,
    n_kept,
    round(100.0 * n_kept / n_documents, 2) as kept_percent,
    n_bytes,
    n_tokens
from counted
order by n_documents desc, value
