-- Nothing is lost between two counts: what goes in comes out, or is counted where it left.
-- One row per total that does not add up.
with documents_kept_or_removed as (
    select
        'documents judged by every step = kept_documents + removed for a reason' as total,
        count(*) as expected,
        (select count(*) from kept_documents)
            + count(*) filter (where reason not in ('kept', '')) as found
    from document_verdicts
    where reason <> 'not_computed'
),

rows_ingested as (
    select
        'rows read by ' || ingest_run || ' = added + present + rejected' as total,
        n_read as expected,
        n_added + n_present + n_rejected as found
    from ingests
),

documents_mixed as (
    select
        'documents of ' || mixture || '@' || mixtures.version || ' = sum of its totals' as total,
        mixtures.n_documents as expected,
        coalesce(sum(mixture_totals.n_documents), 0) as found
    from mixtures
    left join mixture_totals using (mixture, version)
    group by mixture, mixtures.version, mixtures.n_documents
),

tokens_packed as (
    select
        'tokens into ' || name || ' = packed + left over' as total,
        n_tokens_in as expected,
        n_tokens_packed + n_tokens_left_over as found
    from sequences
),

places_filled as (
    select
        'places in the rows of ' || name || ' = tokens packed + padding' as total,
        n_rows * length as expected,
        n_tokens_packed + n_padding as found
    from sequences
),

totals as (
    from documents_kept_or_removed
    union all from rows_ingested
    union all from documents_mixed
    union all from tokens_packed
    union all from places_filled
)

select
    total,
    expected,
    found
from totals
where expected is distinct from found
order by total
