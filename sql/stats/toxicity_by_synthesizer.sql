-- Toxicity of each synthesizer's text beside text that no model wrote, with 95 % intervals.
-- One row per language and synthesizer, where the language has a model; NULL is text of people.
-- The interval of a mean is normal, that of a share is Wilson's.
-- page lake 122
-- title Toxicity by synthesizer | 생성 모델별 유해성
-- chart bar x=share_toxic y=synthesizer color=synthesizer row=lang
-- control threshold slider 0 1 0.05
-- param threshold  DOUBLE = 0.5  score from which a document counts as toxic
with synthesizers as (
    select
        lang,
        synthesizer,
        count(*) as n_documents,
        avg(toxicity) as mean,
        1.96 * stddev_samp(toxicity) / sqrt(count(*)) as half,
        count(*) filter (where toxicity >= $threshold) as n_toxic,
        avg((toxicity >= $threshold)::int) as share,
        1.96 * 1.96 / count(*) as z2_n
    from documents
    where toxicity_bin >= 0
    group by lang, synthesizer
),

intervals as (
    select
        *,
        (share + z2_n / 2) / (1 + z2_n) as wilson_middle,
        sqrt(z2_n * (share * (1 - share) + z2_n / 4)) / (1 + z2_n) as wilson_half
    from synthesizers
)

select
    lang,
    synthesizer,
    n_documents,
    round(mean, 4) as mean_toxicity,
    round(mean - half, 4) as mean_low,
    round(mean + half, 4) as mean_high,
    n_toxic,
    round(share, 4) as share_toxic,
    round(wilson_middle - wilson_half, 4) as share_low,
    round(wilson_middle + wilson_half, 4) as share_high
from intervals
order by lang, synthesizer is not null, mean_toxicity desc, synthesizer
