-- The share of each source that each deciding step takes.
-- One row per source and step, in the order of the pipeline.
-- page funnel 3
-- title Share of each source that a step takes | 단계가 출처마다 제거한 비율
-- chart heatmap x=step y=source color=percent sort=position
with counted as (
    select
        source,
        step,
        sum(n_documents)::bigint as n_documents,
        sum(sum(n_documents)) over (partition by source) as n_all
    from document_group_verdicts
    group by source, step
)

select
    source,
    step,
    n_documents,
    round(100.0 * n_documents / n_all, 2) as percent,
    coalesce(position, 1000) as position
from counted
left join steps_in_order using (step)
where step is not null
order by position, step, source
