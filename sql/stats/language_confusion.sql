-- The language that the source claims beside the one detected.
-- One row per pair of languages.
-- page funnel 103
-- title Language claimed and detected | 주장된 언어와 감지된 언어
-- chart heatmap x=lang_detected y=lang color=n_documents
select
    lang,
    lang_detected,
    count(*) as n_documents,
    round(avg(lang_score), 3) as mean_score,
    count(*) filter (where lang_reason = 'kept') as n_kept
from documents
where lang_detected is not null
group by lang, lang_detected
order by lang, n_documents desc, lang_detected
