-- Synthetic text names the model that wrote it, or no guard against one voice can work.
-- One row per synthetic document without a synthesizer.
select
    doc_id,
    source
from documents
where origin = 'synthetic'
    and (synthesizer is null or synthesizer = '')
order by doc_id
