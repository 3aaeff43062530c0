-- Input rows that could not become documents, and why.
-- One row per source and reason.
select
    source,
    reason,
    count(*) as n_rows,
    count(distinct file) as n_files,
    min(file || ':' || line) as example
from rejects
group by source, reason
order by source, n_rows desc, reason
