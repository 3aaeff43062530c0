-- What evaluations found; of a number that was measured again, the newest.
-- One row per run, checkpoint, metric, task, language, source and synthesizer.
-- page runs 10
-- title Evaluations | 평가
select
    run,
    checkpoint,
    metric,
    task,
    lang,
    source,
    synthesizer,
    value,
    stderr,
    n_documents,
    n_bytes
from evals
qualify row_number() over (
    partition by run, checkpoint, metric, task, lang, source, synthesizer
    order by created_at desc
) = 1
order by
    run,
    checkpoint,
    metric,
    task,
    lang nulls first,
    source nulls first,
    synthesizer nulls first
