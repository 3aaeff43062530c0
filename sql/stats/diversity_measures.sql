-- How varied groups of synthetic documents are, alone and mixed, on equal samples.
-- One row per language, group or mixture, and measure; the newest measurement of each language.
-- `kormo diversity` writes them. Of a mixture `alone` is the mean of its members alone, and
-- `same_seeds` says whether they were asked the same. Higher is more diverse in distinct_n and
-- heaps_exponent, lower in the others; `too_small` counts the documents of a group of too few.
-- page lake 126
-- title Diversity of groups, alone and mixed | 그룹별 다양성, 단독과 혼합
-- chart bar x=value y=name color=kind row=lang
-- chart table
-- control facet choice synthesizer,style,prompt,source,seed_pool
-- control measure choice diversities
-- param facet    VARCHAR = 'synthesizer'  synthesizer, style, prompt, source or seed_pool
-- param measure  VARCHAR = 'distinct_2'   what is shown; % for all
with newest as (
    select
        facet,
        lang,
        max(created_at) as created_at
    from diversity
    where facet = $facet
    group by facet, lang
)

select
    lang,
    name,
    measure,
    value,
    alone,
    case when members is null then 'alone' else 'mixed' end as kind,
    same_seeds,
    members,
    n_documents,
    n_words,
    n_bytes,
    documents_version,
    created_at
from diversity
join newest using (facet, lang, created_at)
where measure <> 'vocabulary'
    and measure like $measure
order by lang, measure, kind, name
