-- Finished ingests, the newest first: what was read, added, there already, rejected.
-- One row per ingest.
-- page lake 104
-- title Ingests | 수집 기록
select
    ingest_run,
    finished_at,
    round(date_diff('millisecond', started_at, finished_at) / 1000, 1) as seconds,
    inputs,
    n_read,
    n_added,
    n_present,
    n_rejected
from ingests
order by finished_at desc, ingest_run
