-- How long the answers to each prompt are, how many were cut off, and how many failed.
-- One row per prompt and synthesizer.
-- page lake 132
-- title Answers by prompt | 프롬프트별 응답
-- chart bar x=n_answered y=prompt_id color=synthesizer
-- chart table
select
    prompt_id,
    synthesizer,
    count(*) filter (where error = '') as n_answered,
    count(*) filter (where error != '') as n_failed_attempts,
    round(avg(n_completion_tokens) filter (where error = ''), 1) as mean_tokens,
    round(
        count(*) filter (where error = '' and finish_reason = 'length')
        / nullif(count(*) filter (where error = ''), 0), 4
    ) as cut_off_share,
    round(
        count(*) filter (where error = '' and reasoning is not null)
        / nullif(count(*) filter (where error = ''), 0), 4
    ) as reasoning_share
from generations
group by prompt_id, synthesizer
order by prompt_id, synthesizer
