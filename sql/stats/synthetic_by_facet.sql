-- Who wrote the synthetic part of each language, in which style, and from which pool of seeds.
-- One row per language, facet (synthesizer, style or seed pool) and value of it.
-- Of kept documents that a model wrote: of origin synthetic, or with a synthesizer. A seed pool is
-- the source of the parent. `percent` is of the language's synthetic bytes, `percent_of_language`
-- of all that is kept. NULL names no synthesizer, no style, or no parent that is in the lake.
-- page lake 125
-- title Synthetic part by synthesizer, style and seed pool | 합성 글의 생성 모델, 문체, 시드 출처
-- chart bar x=percent y=lang color=name row=facet
-- chart table
with written as (
    select
        kept_documents.lang,
        kept_documents.synthesizer,
        documents.prompt_style,
        documents.parent_id,
        kept_documents.n_bytes
    from documents
    join kept_documents using (doc_id)
    where documents.origin = 'synthetic'
        or documents.synthesizer is not null
),

pools as (
    select
        doc_id as parent_id,
        source as pool
    from documents
    semi join (
        select parent_id as doc_id
        from written
    ) using (doc_id)
),

faceted as (
    select lang, 'synthesizer' as facet, synthesizer as name, n_bytes
    from written
    union all
    select lang, 'style' as facet, prompt_style as name, n_bytes
    from written
    union all
    select lang, 'seed pool' as facet, pools.pool as name, n_bytes
    from written
    left join pools using (parent_id)
),

languages as (
    select
        lang,
        sum(n_bytes) as n_bytes
    from document_group_verdicts
    where step is null
    group by lang
)

select
    faceted.lang,
    faceted.facet,
    faceted.name,
    count(*) as n_documents,
    sum(faceted.n_bytes)::bigint as n_bytes,
    round(
        100.0 * sum(faceted.n_bytes)
        / sum(sum(faceted.n_bytes)) over (partition by faceted.lang, faceted.facet),
        2
    ) as percent,
    round(100.0 * sum(faceted.n_bytes) / any_value(languages.n_bytes), 2) as percent_of_language
from faceted
left join languages on faceted.lang is not distinct from languages.lang
group by faceted.lang, faceted.facet, faceted.name
order by faceted.lang, faceted.facet, n_bytes desc, faceted.name
