-- Tokens a second of runs, their share of the device's peak, and waiting for data.
-- One row per run and step, thinned to about a thousand a run; every spike is kept.
-- page runs 6
-- title Throughput | 처리량
-- chart line x=tokens y=tokens_per_s color=run
-- control runs several runs
-- param runs  VARCHAR[] = []  runs to show; none for all
select
    run,
    step,
    tokens,
    tokens_per_s,
    mfu_palm,
    mfu_documents,
    data_wait_pct
from run_points
where len($runs) = 0 or list_contains($runs, run)
order by run, step
