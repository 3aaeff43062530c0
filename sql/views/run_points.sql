-- Steps of the runs in the folder of runs, thinned to about a thousand a run.
-- One row per run and step that is kept: every n-th, the last, and every spike.
-- A spike that ended its run has no line in metrics.jsonl and is here all the same.
with every_step as (
    select
        run,
        step,
        coalesce(
            run_steps.tokens,
            max(run_steps.tokens) over (partition by run order by step)
        ) as tokens,
        coalesce(run_steps.loss, run_spikes.loss) as loss,
        coalesce(run_steps.grad_norm, run_spikes.grad_norm) as grad_norm,
        run_spikes.step is not null as is_spike,
        row_number() over (partition by run order by step) - 1 as place,
        count(*) over (partition by run) as n_steps
    from run_steps
    full join run_spikes using (run, step)
)

select
    every_step.run,
    every_step.step,
    every_step.tokens,
    every_step.loss,
    every_step.grad_norm,
    run_steps.lr,
    run_steps.tokens_per_s,
    run_steps.mfu_palm,
    run_steps.mfu_documents,
    run_steps.data_wait_pct,
    every_step.is_spike
from every_step
left join run_steps using (run, step)
where every_step.is_spike
    or every_step.place = every_step.n_steps - 1
    or every_step.place % ((every_step.n_steps + 999) // 1000) = 0
