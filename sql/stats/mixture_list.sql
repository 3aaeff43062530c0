-- Recorded mixtures, the newest first.
-- One row per mixture and version.
-- page mixtures 1
-- title Recorded mixtures | 기록된 혼합
select
    mixture,
    version,
    created_at,
    n_documents,
    n_bytes,
    n_tokens,
    tokenizer,
    documents_version,
    parameters
from mixtures
order by created_at desc, mixture, version
