-- A mixture for long context holds short documents, too.
-- One row per mixture and version whose short part is below the least.
-- Without them KORMo's mathematics and code got worse in mid-training. Looked at are mixtures that
-- are called midtrain_long… or have a component that ends in `_long`; short is what a component
-- says that ends in `_short`. Shares are of tokens times repeats, else of bytes, else of documents:
-- the first that is known of the whole mixture.
-- param least  DOUBLE = 0.05  smallest share of short documents
with counted as (
    select
        mixture,
        version,
        component,
        case
            when count(n_repeated_tokens) over whole = count(*) over whole
                then n_repeated_tokens
            when count(n_repeated_bytes) over whole = count(*) over whole
                then n_repeated_bytes
            else n_documents
        end as amount
    from recorded_totals
    window whole as (partition by mixture, version)
)

select
    mixture,
    version,
    round(
        coalesce(sum(amount) filter (where ends_with(component, '_short')), 0) / sum(amount), 4
    ) as short_share
from counted
group by mixture, version
having (starts_with(mixture, 'midtrain_long') or bool_or(ends_with(component, '_long')))
    and coalesce(sum(amount) filter (where ends_with(component, '_short')), 0)
    < $least * sum(amount)
order by mixture, version
