-- Loss of runs over the tokens that they have seen, spikes marked.
-- One row per run and step, thinned to about a thousand a run; every spike is kept.
-- page runs 2
-- title Loss | 손실
-- chart line x=tokens y=loss color=run mark=spike
-- control runs several runs
-- param runs  VARCHAR[] = []  runs to show; none for all
select
    run,
    step,
    tokens,
    loss,
    case when is_spike then loss end as spike
from run_points
where len($runs) = 0 or list_contains($runs, run)
order by run, step
