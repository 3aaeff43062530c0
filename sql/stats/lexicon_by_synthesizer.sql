-- Insults and names of groups of people in each synthesizer's text, with 95 % intervals.
-- One row per language and synthesizer; NULL is text of people.
-- Rates are means over documents of words in 1,000 (normal interval); shares are of documents that
-- hold an insult (Wilson's interval).
-- page lake 123
-- title Insults and groups by synthesizer | 생성 모델별 욕설과 집단 언급
with synthesizers as (
    select
        lang,
        synthesizer,
        count(*) as n_documents,
        avg(insults_per_1000) as insults,
        1.96 * stddev_samp(insults_per_1000) / sqrt(count(*)) as insults_half,
        avg(identity_per_1000) as groups,
        1.96 * stddev_samp(identity_per_1000) / sqrt(count(*)) as groups_half,
        avg((n_insults > 0)::int) as share,
        1.96 * 1.96 / count(*) as z2_n,
        sum(n_insults_near_identity) as n_near
    from documents
    where n_insults is not null
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
    round(insults, 4) as insults_per_1000,
    round(insults - insults_half, 4) as insults_low,
    round(insults + insults_half, 4) as insults_high,
    round(groups, 4) as identity_per_1000,
    round(groups - groups_half, 4) as identity_low,
    round(groups + groups_half, 4) as identity_high,
    round(share, 4) as share_insulting,
    round(wilson_middle - wilson_half, 4) as share_low,
    round(wilson_middle + wilson_half, 4) as share_high,
    n_near::bigint as n_insults_near_identity
from intervals
order by lang, synthesizer is not null, insults_per_1000 desc, synthesizer
