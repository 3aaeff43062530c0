-- How much of each language's kept text models wrote, beside the share that KORMo states.
-- One row per language.
-- Shares are of bytes. Translations count as written by a model. `paper_percent` is the synthetic
-- part of KORMo's Korean (arXiv 2510.09426); the paper states none for English.
-- page lake 3
-- title Synthetic share, against the paper's 68.74 % of Korean | 합성 비율, 논문의 한국어 68.74 %와 견주어
-- chart bar x=percent y=lang color=lang rule=paper_percent
with languages as (
    select
        lang,
        sum(n_bytes)::bigint as n_bytes,
        coalesce(
            sum(n_bytes) filter (where origin in ('synthetic', 'translated')), 0
        )::bigint as n_synthetic_bytes
    from document_group_verdicts
    where step is null
    group by lang
)

select
    lang,
    n_bytes,
    n_synthetic_bytes,
    round(100.0 * n_synthetic_bytes / nullif(n_bytes, 0), 2) as percent,
    case when lang = 'ko' then 68.74::double end as paper_percent
from languages
order by lang
