-- How much of `documents` each column is known for; the long columns of text are left out.
-- One row per column.
-- What `document_groups` counts is not scanned again.
-- page lake 6
-- title Columns: step, version, coverage | 열: 단계, 버전, 채워진 비율
with totals as (
    select count(*) as n_documents
    from documents
),

scanned as (
    unpivot (
        select
            count(
                columns(
                    lambda name: not ends_with(name, '_reason')
                        and name not in (
                            'text', 'text_clean', 'messages', 'meta',
                            'lang', 'source', 'origin', 'kind', 'synthesizer'
                        )
                )
            )
        from documents
    )
    on columns(*)
    into name column_name value n_filled
),

grouped as (
    unpivot (
        select
            coalesce(
                sum(
                    if(
                        columns('^(lang|source|origin|kind|synthesizer|.+_reason)$') is null,
                        0,
                        n_documents
                    )
                ),
                0
            )::bigint as "\0"
        from document_groups
    )
    on columns(*)
    into name column_name value n_filled
),

coverage as (
    select column_name, n_filled
    from scanned
    union all
    select column_name, n_filled
    from grouped
)

select
    coverage.column_name,
    lake_columns.step,
    lake_columns.step_version,
    coverage.n_filled,
    totals.n_documents - coverage.n_filled as n_missing,
    round(100.0 * coverage.n_filled / nullif(totals.n_documents, 0), 2) as filled_percent,
    lake_columns.meaning
from coverage
cross join totals
left join lake_columns using (column_name)
order by coverage.column_name
