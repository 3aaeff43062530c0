-- A mixture's version means one selection.
-- One row per mixture and version recorded more than once.
select
    mixture,
    version,
    count(*) as n_rows
from mixtures
group by mixture, version
having count(*) > 1
order by mixture, version
