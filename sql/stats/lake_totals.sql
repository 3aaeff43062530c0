-- How much is in the lake, and what the steps keep of it.
-- One row per lake.
-- Tokens are those of one tokenizer, NULL where it counted none.
-- page lake 1
-- title In the lake | 레이크에 있는 것
-- chart figures
-- control tokenizer choice tokenizers
-- param tokenizer  VARCHAR = ''  whose tokens are counted; empty for none
select
    coalesce(sum(n_documents), 0)::bigint as n_documents,
    coalesce(sum(n_documents) filter (where step is null), 0)::bigint as n_kept,
    sum(n_bytes)::bigint as n_bytes,
    sum(struct_extract(verdicts, 'n_tokens_' || $tokenizer))::bigint as n_tokens,
    count(distinct lang) as n_languages,
    count(distinct source) as n_sources,
    count(distinct synthesizer) as n_synthesizers
from document_group_verdicts as verdicts
order by n_documents
