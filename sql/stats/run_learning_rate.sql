-- Learning rate of runs over the tokens that they have seen.
-- One row per run and step, thinned to about a thousand a run; every spike is kept.
-- page runs 5
-- title Learning rate | 학습률
-- chart line x=tokens y=lr color=run
-- control runs several runs
-- param runs  VARCHAR[] = []  runs to show; none for all
select
    run,
    step,
    tokens,
    lr
from run_points
where len($runs) = 0 or list_contains($runs, run)
order by run, step
