-- Bits per byte of each run's untrained model and of its newest evaluated checkpoint.
-- One row per run and language; of numbers measured again, the newest.
-- page runs 11
-- title Learned by language | 언어별 학습
with measured as (
    select
        run,
        lang,
        checkpoint = 'init' as is_untrained,
        arg_max(value, created_at) as value
    from evals
    where metric = 'bits_per_byte' and lang is not null and source is null and synthesizer is null
    group by run, lang, is_untrained
)

select
    run,
    lang,
    round(max(value) filter (where is_untrained), 3) as before,
    round(max(value) filter (where not is_untrained), 3) as after
from measured
group by run, lang
order by run, lang
