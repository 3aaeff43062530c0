-- What recorded mixtures are made of; an interrupted run does not show.
-- One row per mixture, version, component, language, source, origin and synthesizer.
select
    totals.mixture,
    totals.version,
    totals.component,
    totals.lang,
    totals.source,
    totals.origin,
    totals.synthesizer,
    totals.n_documents,
    totals.n_bytes,
    totals.n_tokens,
    totals.n_repeated_bytes,
    totals.n_repeated_tokens
from mixture_totals as totals
semi join mixtures using (mixture, version)
