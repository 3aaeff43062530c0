-- The steps that judge documents, in the order of the pipeline.
-- One row per step; a step of your own that is not here comes last and decides.
-- A second version beside the first, `quality_v2`, is a signal too.
-- `only_lang` names the one language that a step is made for. A step that does not decide is a
-- signal for mixtures: C4 asks lines for full stops, which Korean pages lack and FineWeb found too
-- strict; a perplexity has no threshold that holds for all sources; PII is masked, not dropped;
-- overlap with evaluation sets is refused where a mixture is recorded, unless its query says why.
-- The view of kept documents honours the same steps.
select
    step,
    position,
    only_lang,
    decides
from (
    values
        ('url', 1, null::varchar, true),
        ('extraction', 2, null, true),
        ('length', 3, null, true),
        ('lang', 4, null, true),
        ('synthetic', 5, null, true),
        ('gopher_repetition', 6, 'en', true),
        ('gopher_quality', 7, null, true),
        ('c4', 8, null, false),
        ('fineweb', 9, 'en', true),
        ('dclm_lines', 10, null, true),
        ('fineweb2_ko', 11, 'ko', true),
        ('perplexity_ko', 12, 'ko', false),
        ('perplexity_en', 13, 'en', false),
        ('exact', 14, null, true),
        ('minhash', 15, null, true),
        ('bff', 16, null, true),
        ('quality', 17, null, true),
        ('toxicity', 18, null, true),
        ('contamination', 19, null, false),
        ('pii', 20, null, false),
        ('translation', 21, null, true)
) as known (step, position, only_lang, decides)
