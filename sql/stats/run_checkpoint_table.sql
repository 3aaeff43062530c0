-- Checkpoints of runs, those removed since among them: what writing cost, and what was evaluated.
-- One row per run and checkpoint.
-- page runs 101
-- title Checkpoints | 체크포인트
-- control runs several runs
-- param runs  VARCHAR[] = []  runs to show; none for all
with evaluated as (
    select run, checkpoint, count(*) as n_evals
    from evals
    group by run, checkpoint
)

select
    run_checkpoints.run,
    run_checkpoints.checkpoint,
    run_checkpoints.tokens,
    run_checkpoints.state,
    run_checkpoints.seconds,
    run_checkpoints.n_bytes,
    coalesce(evaluated.n_evals, 0) as n_evals,
    run_checkpoints.path
from run_checkpoints
left join evaluated using (run, checkpoint)
where len($runs) = 0 or list_contains($runs, run_checkpoints.run)
order by run_checkpoints.run, run_checkpoints.steps desc
