-- A document that went through one step went through all: none is judged by half the rules.
-- One row per document with some reasons computed and others missing.
-- The way out is to run the steps again: they fill what is missing.
with steps as (
    select count(distinct step) as n_steps
    from document_reasons
)

select
    doc_id,
    string_agg(step, ', ' order by step) as computed
from document_reasons
cross join steps
group by doc_id, n_steps
having count(*) < n_steps
order by doc_id
