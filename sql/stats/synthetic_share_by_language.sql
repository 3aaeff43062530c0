-- Where kept text comes from, and which model wrote the synthetic part.
-- One row per language, origin and synthesizer; percent is of the language's bytes.
select
    lang,
    origin,
    synthesizer,
    count(*) as n_documents,
    sum(n_bytes)::bigint as n_bytes,
    round(100.0 * sum(n_bytes) / sum(sum(n_bytes)) over (partition by lang), 2) as percent
from kept_documents
group by lang, origin, synthesizer
order by lang, n_bytes desc, origin, synthesizer
