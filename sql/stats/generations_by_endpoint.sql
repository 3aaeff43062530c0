-- What LLMs were asked, what it took, and what failed.
-- One row per endpoint and model.
-- A request that was sent again after a failure has several attempts; `n_answered` counts answers.
-- page lake 131
-- title LLM requests by endpoint | 엔드포인트별 LLM 요청
-- chart table
select
    endpoint,
    model,
    count(*) as n_attempts,
    count(*) filter (where error = '') as n_answered,
    count(*) filter (where error = 'interrupted') as n_interrupted,
    count(*) filter (where error not in ('', 'interrupted')) as n_errors,
    sum(n_prompt_tokens)::bigint as n_prompt_tokens,
    sum(n_completion_tokens)::bigint as n_completion_tokens,
    round(sum(cost), 4) as cost,
    round(median(seconds) filter (where error = ''), 3) as median_seconds,
    round(quantile_cont(seconds, 0.95) filter (where error = ''), 3) as seconds_95,
    max(started_at) as last_at
from generations
group by endpoint, model
order by endpoint, model
