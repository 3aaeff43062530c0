-- Spikes of runs, the newest of each run first, with their rows of highest loss.
-- One row per run and spike.
-- page runs 7
-- title Spikes | 급등
-- control runs several runs
-- param runs  VARCHAR[] = []  runs to show; none for all
with worst as (
    select
        run,
        step,
        arg_max(row, loss) as worst_row,
        max(loss) as worst_row_loss
    from run_spike_rows
    group by run, step
)

select
    run_spikes.run,
    run_spikes.step,
    run_steps.tokens,
    run_spikes.loss,
    run_spikes.loss_score,
    run_spikes.grad_norm,
    run_spikes.grad_norm_score,
    run_spikes.step_skipped,
    run_spikes.n_rows,
    worst.worst_row,
    worst.worst_row_loss
from run_spikes
left join run_steps using (run, step)
left join worst using (run, step)
where len($runs) = 0 or list_contains($runs, run_spikes.run)
order by run_spikes.run, run_spikes.step desc
