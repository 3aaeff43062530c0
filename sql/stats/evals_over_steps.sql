-- One metric of the evaluated checkpoints of runs, over their steps; the untrained model is step 0.
-- One row per run, checkpoint, task and language, source or synthesizer; the newest measurement.
-- Parts of a source in several languages are weighted by their bytes.
-- page runs 8
-- title Evaluations over checkpoints | 체크포인트별 평가
-- chart line x=steps y=score color=value dash=run row=task
-- control metric choice metrics
-- control facet choice all,lang,source,synthesizer
-- control runs several runs
-- param metric  VARCHAR = 'bits_per_byte'  what was measured
-- param facet   VARCHAR = 'lang'           all, lang, source or synthesizer
-- param task    VARCHAR = '%'              tasks, by a pattern of LIKE
-- param runs    VARCHAR[] = []             runs to show; none for all
with newest as (
    select
        *,
        case
            when synthesizer is not null then 'synthesizer'
            when source is not null then 'source'
            when lang is not null then 'lang'
            else 'all'
        end as grain
    from evals
    where metric = $metric
        and task like $task
        and (len($runs) = 0 or list_contains($runs, run))
    qualify row_number() over (
        partition by run, checkpoint, task, lang, source, synthesizer
        order by created_at desc
    ) = 1
)

select
    run,
    checkpoint,
    case
        when checkpoint = 'init' then 0
        else regexp_extract(checkpoint, '(\d+)$', 1)::bigint
    end as steps,
    task,
    case grain
        when 'lang' then lang
        when 'source' then source
        when 'synthesizer' then synthesizer
        else 'all'
    end as value,
    coalesce(sum(evals.value * n_bytes) / nullif(sum(n_bytes), 0), avg(evals.value)) as score
from newest as evals
where grain = $facet
group by all
order by run, task, steps, checkpoint, value
