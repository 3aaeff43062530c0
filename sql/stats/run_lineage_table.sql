-- What the newest checkpoint of each run comes from, nearest first, and on which mixtures.
-- One row per run and ancestor.
-- page runs 102
-- title Lineage | 계보
-- control runs several runs
-- param runs  VARCHAR[] = []  runs to show; none for all
select
    run,
    checkpoint,
    generation,
    ancestor_run,
    ancestor_checkpoint,
    steps,
    tokens,
    mixture,
    passed
from run_lineage
where len($runs) = 0 or list_contains($runs, run)
order by run, generation
