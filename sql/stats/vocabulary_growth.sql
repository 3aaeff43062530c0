-- How many different words each group has after so many words, alone and mixed.
-- One row per language, group or mixture, and number of words; the newest measurement of each.
-- Words are those of UAX #29, of samples of equal size; `kormo diversity` writes them.
-- page lake 127
-- title Growth of the vocabulary | 어휘 증가
-- chart line x=n_words y=n_types color=name row=lang
-- control facet choice synthesizer,style,prompt,source,seed_pool
-- control kind choice alone,mixed,%
-- param facet  VARCHAR = 'synthesizer'  synthesizer, style, prompt, source or seed_pool
-- param kind   VARCHAR = '%'            alone, mixed, or % for both
with newest as (
    select
        facet,
        lang,
        max(created_at) as created_at
    from diversity
    where facet = $facet
    group by facet, lang
),

found as (
    select
        lang,
        name,
        case when members is null then 'alone' else 'mixed' end as kind,
        n_words,
        value::bigint as n_types
    from diversity
    join newest using (facet, lang, created_at)
    where measure = 'vocabulary'
)

select
    lang,
    name,
    kind,
    n_words,
    n_types
from found
where kind like $kind
order by lang, kind, name, n_words
