-- What came of each mixture: packed sequences, runs on them, and their last checkpoints.
-- One row per mixture, packed table and run.
-- page mixtures 4
-- title From mixture to checkpoint | 혼합에서 체크포인트까지
with recorded as (
    select
        mixture || '@' || version as mixture,
        created_at
    from mixtures
)

select
    recorded.mixture,
    sequences.name as sequences,
    sequences.n_rows,
    sequences.length,
    runs.run,
    runs.n_steps,
    runs.n_tokens,
    runs.last_loss,
    runs.checkpoint
from recorded
left join sequences on sequences.mixture = recorded.mixture
left join runs on runs.sequences_fingerprint = sequences.fingerprint
order by recorded.created_at desc, recorded.mixture, sequences.name, runs.created_at, runs.run
