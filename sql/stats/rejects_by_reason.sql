-- Input rows that could not become documents, and why.
-- One row per source and reason.
-- page lake 105
-- title Rows that could not be used | 쓸 수 없던 행
-- chart bar x=n_rows y=reason color=source
-- chart table
select
    source,
    reason,
    count(*) as n_rows,
    count(distinct file) as n_files,
    min(file || ':' || line) as example
from rejects
group by source, reason
order by source, n_rows desc, reason
