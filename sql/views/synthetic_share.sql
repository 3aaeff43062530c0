-- How much of a mixture's language each synthesizer wrote, by bytes times repeats.
-- One row per mixture, version, language and synthesizer.
with shares as (
    select
        mixture,
        version,
        lang,
        synthesizer,
        sum(n_repeated_bytes) as n_repeated_bytes,
        sum(sum(n_repeated_bytes)) over (partition by mixture, version, lang) as n_language_bytes
    from recorded_totals
    group by mixture, version, lang, synthesizer
)

select
    mixture,
    version,
    lang,
    synthesizer,
    n_repeated_bytes::bigint as n_repeated_bytes,
    n_repeated_bytes / nullif(n_language_bytes, 0) as share
from shares
where synthesizer is not null
