-- What is left after each deciding step, in the order of the pipeline, and what each one took.
-- One row per language, source, synthesizer and step; the first is 'ingested'.
-- A document counts at the first step that does not keep it, with that step's reason; so the last
-- row of a group is what is kept. Bytes and tokens are NULL where not counted.
-- page funnel 1
-- title Left after each step | 단계마다 남은 것
-- chart bar x=n_left y=step color=source row=lang sort=position
-- control lang choice languages
-- control tokenizer choice tokenizers
-- param lang       VARCHAR = '%'  languages, with % for any letters
-- param tokenizer  VARCHAR = ''   whose tokens are shown; empty for none
with taken as (
    select
        lang,
        source,
        synthesizer,
        step,
        reason,
        sum(n_documents) as n_documents,
        sum(n_bytes) as n_bytes,
        sum(struct_extract(verdicts, 'n_tokens_' || $tokenizer)) as n_tokens
    from document_group_verdicts as verdicts
    where coalesce(lang, '') like $lang
    group by lang, source, synthesizer, step, reason
),

totals as (
    select
        lang,
        source,
        synthesizer,
        sum(n_documents) as n_documents,
        sum(n_bytes) as n_bytes,
        sum(n_tokens) as n_tokens
    from taken
    group by lang, source, synthesizer
),

judging as (
    select
        column_name[:-8] as step,
        coalesce(position, 1000) as position,
        only_lang
    from (describe documents)
    left join steps_in_order on step = column_name[:-8]
    where ends_with(column_name, '_reason')
        and coalesce(
            decides, not regexp_matches(column_name, '^(perplexity|quality|toxicity)_.+_reason$')
        )
    union all
    select 'ingested', 0, null
),

by_step as (
    select
        totals.lang,
        totals.source,
        totals.synthesizer,
        judging.position,
        judging.step,
        totals.n_documents as n_ingested,
        totals.n_bytes as n_bytes_ingested,
        totals.n_tokens as n_tokens_ingested,
        coalesce(sum(taken.n_documents), 0) as n_removed,
        coalesce(sum(taken.n_bytes), 0) as n_bytes_removed,
        coalesce(sum(taken.n_tokens), 0) as n_tokens_removed,
        string_agg(
            taken.reason || ' ' || taken.n_documents,
            ', ' order by taken.n_documents desc, taken.reason
        ) as reasons
    from totals
    join judging on judging.only_lang is null or judging.only_lang = totals.lang
    left join taken
        on taken.lang is not distinct from totals.lang
        and taken.source is not distinct from totals.source
        and taken.synthesizer is not distinct from totals.synthesizer
        and taken.step = judging.step
    group by all
)

select
    lang,
    source,
    synthesizer,
    step,
    n_removed::bigint as n_removed,
    coalesce(reasons, '') as reasons,
    (n_ingested - sum(n_removed) over so_far)::bigint as n_left,
    round(100.0 * (n_ingested - sum(n_removed) over so_far) / n_ingested, 2) as percent_left,
    (n_bytes_ingested - sum(n_bytes_removed) over so_far)::bigint as n_bytes_left,
    (n_tokens_ingested - sum(n_tokens_removed) over so_far)::bigint as n_tokens_left,
    position
from by_step
window so_far as (
    partition by lang, source, synthesizer
    order by position, step
)
order by lang, source, synthesizer nulls first, position, step
