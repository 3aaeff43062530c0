-- How well translations came back: chrF against the source, by who translated and who back.
-- One row per language, synthesizer, prompt and way back.
-- page lake 133
-- title Translations translated back | 되번역한 번역문
-- chart bar x=mean_chrf y=synthesizer color=lang
-- chart table
select
    lang,
    synthesizer,
    prompt_id,
    back_synthesizer,
    back_prompt_id,
    count(*) as n_documents,
    round(avg(chrf), 1) as mean_chrf,
    round(quantile_cont(chrf, 0.1), 1) as chrf_10_percent,
    round(min(chrf), 1) as least_chrf
from translation_scores
group by all
order by lang, synthesizer, prompt_id, back_synthesizer, back_prompt_id
