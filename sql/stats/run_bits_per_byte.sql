-- Bits per byte of held-out rows during runs, over the tokens that they have seen.
-- One row per run, validation and language, source or synthesizer.
-- page runs 3
-- title Bits per byte in validation | 검증의 바이트당 비트
-- chart line x=tokens y=bpb color=value dash=run
-- control facet choice all,lang,source,synthesizer
-- control runs several runs
-- param facet  VARCHAR = 'lang'  all, lang, source or synthesizer
-- param runs   VARCHAR[] = []    runs to show; none for all
select
    run,
    step,
    tokens,
    name as value,
    bpb,
    n_bytes
from run_validation
where kind = $facet
    and (len($runs) = 0 or list_contains($runs, run))
order by run, step, value
