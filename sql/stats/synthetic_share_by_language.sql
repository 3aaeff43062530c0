-- Where kept text comes from, and which model wrote the synthetic part.
-- One row per language, origin and synthesizer; percent is of the language's bytes.
-- page lake 4
-- title Who wrote what is kept | 남은 글을 쓴 모델
-- chart bar x=percent y=lang color=synthesizer
select
    lang,
    origin,
    synthesizer,
    sum(n_documents)::bigint as n_documents,
    sum(n_bytes)::bigint as n_bytes,
    round(100.0 * sum(n_bytes) / sum(sum(n_bytes)) over (partition by lang), 2) as percent
from document_group_verdicts
where step is null
group by lang, origin, synthesizer
order by lang, n_bytes desc, origin, synthesizer
