-- No model alone writes most of a mixture's Korean: such a stage 2 collapsed, two halves did not.
-- One row per mixture, version and synthesizer above the limit.
-- Samples for tokenizers are not trained on, so they may.
-- param lang   VARCHAR = 'ko'  language to guard
-- param limit  DOUBLE = 0.5     largest share of the language's bytes, repeats included
select
    mixture,
    version,
    synthesizer,
    round(share, 4) as share
from synthetic_share
where lang = $lang
    and share > $limit
    and mixture not like 'tokenizer%'
order by mixture, version, synthesizer
