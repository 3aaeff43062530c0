-- Conversations that may be learnt from: kept, whole, with the mode and difficulty of each.
-- One row per conversation whose document, or whose parent if it is a variant, is kept.
-- A variant (`kormo sft variants`) has the verdicts, the split and the difficulty of its parent. A
-- translated conversation has the difficulty of its parent where it was not judged itself. mode is
-- 'think' or 'no_think' as its turns say, or NULL for neither; level is 'unknown' where difficulty
-- is not known. One with personal data is left out: turns are packed unmasked.
-- optional difficulty_bin  TINYINT  below 0 where it is not known
-- optional pii_spans  STRUCT("start" INTEGER, "end" INTEGER, kind VARCHAR)[]  personal data
with told as (
    select
        doc_id,
        parent_id,
        lang,
        source,
        synthesizer,
        difficulty_bin,
        case when prompt_style in ('think', 'no_think') then parent_id end as varied
    from documents
    where len(messages) > 0
),

personal as (
    select doc_id
    from documents
    where len(pii_spans) > 0
),

judged as (
    select
        doc_id,
        difficulty_bin
    from documents
    where difficulty_bin >= 0
)

select
    told.doc_id,
    told.parent_id,
    told.varied is not null as is_variant,
    told.lang,
    told.source,
    told.synthesizer,
    document_split.split,
    conversation_modes.toggle as mode,
    conversation_modes.has_reasoning,
    coalesce(
        ['easy', 'medium', 'unsolved', 'hard'][
            coalesce(own.difficulty_bin, above.difficulty_bin) + 1
        ],
        'unknown'
    ) as level
from told
join kept_documents on kept_documents.doc_id = coalesce(told.varied, told.doc_id)
join document_split on document_split.doc_id = coalesce(told.varied, told.doc_id)
join conversation_modes on conversation_modes.doc_id = told.doc_id
left join judged as own on own.doc_id = told.doc_id
left join judged as above on above.doc_id = told.parent_id
where told.doc_id not in (from personal)
    and coalesce(told.varied, told.doc_id) not in (from personal)
