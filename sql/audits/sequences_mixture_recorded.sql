-- Packed sequences can be led back to a recorded mixture.
-- One row per packed table whose mixture is not recorded.
select
    name,
    mixture
from sequences
where mixture not in (select mixture || '@' || version from mixtures)
order by name
