-- Runs in the folder of runs: how far each is, what it reads, and its main settings.
-- One row per run folder, the one written last first.
-- page runs 1
-- title Runs | 학습 목록
select
    run_list.run,
    run_list.state,
    run_list.steps_done,
    run_list.steps_planned,
    run_list.tokens,
    run_list.last_loss,
    run_list.sequences,
    coalesce(run_list.mixture, packed.mixture) as mixture,
    run_list.handover,
    run_list.lr,
    run_list.schedule,
    run_list.tokens_per_step,
    run_list.precision,
    run_list.zero_stage,
    run_list.n_layers,
    run_list.hidden_size,
    run_list.seed,
    run_list.n_unreadable,
    run_list.written_at
from run_list
left join (
    select fingerprint, min(mixture) as mixture
    from sequences
    group by fingerprint
) as packed on packed.fingerprint = run_list.fingerprint
order by run_list.written_at desc, run_list.run
