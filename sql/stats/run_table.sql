-- Finished training runs, the newest first.
-- One row per run.
-- page runs 103
-- title Finished runs in the lake | 레이크에 기록된 학습
with packed as (
    select fingerprint, min(name) as sequences
    from sequences
    group by fingerprint
)

select
    runs.run,
    runs.created_at,
    runs.n_steps,
    runs.n_tokens,
    runs.first_loss,
    runs.last_loss,
    round(runs.seconds, 1) as seconds,
    round(runs.n_tokens / nullif(runs.seconds, 0)) as tokens_per_second,
    packed.sequences,
    runs.checkpoint
from runs
left join packed on packed.fingerprint = runs.sequences_fingerprint
order by runs.created_at desc, runs.run
