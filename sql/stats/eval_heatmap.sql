-- A metric over two numbers that stand in the names of tasks, as length and depth of a needle.
-- One row per run, language, row and column; of each run the newest evaluated checkpoint.
-- The expressions have one group, which finds a number. Several tasks of a cell give their mean.
-- page runs 9
-- title Evaluations as a heat map | 평가 열지도
-- chart heatmap x=x y=y color=score row=part
-- control metric choice metrics
-- control runs several runs
-- param metric   VARCHAR = 'needle_accuracy'  what was measured
-- param columns  VARCHAR = 'length=(\d+)'     what stands across, found in the task
-- param rows     VARCHAR = 'depth=(\d+)'      what stands upright, found in the task
-- param runs     VARCHAR[] = []               runs to show; none for all
with placed as (
    select
        *,
        try_cast(regexp_extract(task, $columns, 1) as bigint) as x,
        try_cast(regexp_extract(task, $rows, 1) as bigint) as y,
        case
            when checkpoint = 'init' then 0
            else regexp_extract(checkpoint, '(\d+)$', 1)::bigint
        end as steps
    from evals
    where metric = $metric
        and source is null
        and synthesizer is null
        and (len($runs) = 0 or list_contains($runs, run))
    qualify row_number() over (
        partition by run, checkpoint, task, lang
        order by created_at desc
    ) = 1
)

select
    run,
    checkpoint,
    lang,
    concat_ws(' ', run, checkpoint, lang) as part,
    x,
    y,
    avg(value) as score,
    count(*) as n_tasks
from placed
where x is not null and y is not null
group by run, checkpoint, steps, lang, x, y
qualify steps = max(steps) over (partition by run)
order by run, lang nulls first, x, y
