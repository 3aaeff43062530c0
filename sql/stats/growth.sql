-- How the table of documents grew: rows and columns after each change of it.
-- One row per version that is kept.
-- page lake 5
-- title Growth by version | 버전별 증가
-- chart line x=version y=n_documents
select
    version,
    written_at,
    n_rows as n_documents,
    n_columns,
    tags
from lake_versions
order by version
