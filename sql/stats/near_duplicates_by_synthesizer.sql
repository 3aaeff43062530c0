-- How much of each synthesizer's text is nearly the same as text of its own or of another one.
-- One row per language and synthesizer; NULL is text that no model wrote.
-- Of all documents that `kormo dedup minhash` compared, and not of samples: a near-duplicate counts
-- by who wrote the document that is kept for it. `percent` is of the group's documents.
-- page lake 128
-- title Near-duplicates within and across synthesizers | 생성 모델 안팎의 유사 중복
-- chart bar x=percent y=synthesizer color=synthesizer row=lang
-- chart table
with compared as (
    select
        lang,
        synthesizer,
        minhash_dup_of as keeper
    from documents
    where minhash_reason in ('kept', 'near_duplicate')
),

keepers as (
    select
        doc_id as keeper,
        synthesizer as kept_synthesizer
    from documents
    semi join (
        select keeper as doc_id
        from compared
        where keeper <> ''
    ) using (doc_id)
),

told as (
    select
        compared.lang,
        compared.synthesizer,
        compared.keeper <> '' as is_copy,
        compared.synthesizer is not distinct from keepers.kept_synthesizer as is_own,
        keepers.kept_synthesizer is null as is_of_people
    from compared
    left join keepers using (keeper)
)

select
    lang,
    synthesizer,
    count(*) as n_documents,
    count(*) filter (where is_copy) as n_near_duplicates,
    count(*) filter (where is_copy and is_own) as n_of_its_own,
    count(*) filter (where is_copy and not is_own and not is_of_people) as n_of_another,
    count(*) filter (where is_copy and not is_own and is_of_people) as n_of_people,
    round(100.0 * count(*) filter (where is_copy) / count(*), 2) as percent
from told
group by lang, synthesizer
order by lang, synthesizer is not null, percent desc, synthesizer
