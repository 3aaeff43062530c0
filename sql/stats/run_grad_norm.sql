-- Norm of the gradient before clipping, spikes marked.
-- One row per run and step, thinned to about a thousand a run; every spike is kept.
-- page runs 4
-- title Gradient norm | 기울기 노름
-- chart line x=tokens y=grad_norm color=run mark=spike scale=log
-- control runs several runs
-- param runs  VARCHAR[] = []  runs to show; none for all
select
    run,
    step,
    tokens,
    grad_norm,
    case when is_spike then grad_norm end as spike
from run_points
where len($runs) = 0 or list_contains($runs, run)
order by run, step
