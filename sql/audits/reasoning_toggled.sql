-- Where some conversations reason, the others say that they do not, or no model starts to reason.
-- One row per source and fault, with the least doc_id for an example.
-- untold: no reasoning, nothing that says so, and no variants of its source, while other
-- conversations of the lake reason. contradicted: a turn says think and there is no reasoning, or
-- the other way round. The way out is `kormo sft variants`, and a mixture of variants alone.
with modes as (
    select
        doc_id,
        source,
        parent_id,
        toggle,
        has_reasoning
    from conversation_modes
),

sources_with_variants as (
    select distinct source
    from modes
    where parent_id is not null
        and toggle is not null
),

judged as (
    select
        doc_id,
        source,
        case
            when has_reasoning <> (toggle = 'think') then 'contradicted'
            when toggle is null and not has_reasoning
                and source not in (select source from sources_with_variants)
                and (select bool_or(has_reasoning) from modes) then 'untold'
        end as fault
    from modes
)

select
    source,
    fault,
    count(*) as n_conversations,
    min(doc_id) as example
from judged
where fault is not null
group by source, fault
order by source, fault
