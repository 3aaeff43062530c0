-- Questions of documents: conversations of one question, and documents whose meta has an answer.
-- One row per question with its reference answer; all other documents are no questions.
-- In a conversation the user's turn is the question and the assistant's the reference. In meta they
-- are `question` (or else the text) and `answer`, with `choices`, a list, for multiple choice; an
-- answer that is a whole number names a choice. `grader` and `domain` (or `category`, `subject`) of
-- meta say how it is graded and what it is about.
-- param first_choice  INTEGER = 0  what an answer that is a number calls the first choice
with described as (
    select
        doc_id,
        lang,
        kind,
        text,
        messages,
        case when json_valid(meta) then meta::json end as facts
    from documents
),

conversations as (
    select
        doc_id,
        lang,
        kind,
        facts,
        list_filter(messages, lambda turn: turn.role = 'user')[1].content as question,
        messages[-1].content as reference,
        cast([] as varchar[]) as choices
    from described
    where len(list_filter(messages, lambda turn: turn.role = 'user')) = 1
        and messages[-1].role = 'assistant'
),

answers as (
    select
        *,
        coalesce(cast(json_extract_string(facts, '$.choices[*]') as varchar[]), []) as choices,
        try_cast(facts ->> '$.answer' as integer) - $first_choice as choice
    from described
    where (messages is null or len(messages) = 0)
        and facts ->> '$.answer' is not null
),

questions as (
    select
        *
    from conversations
    union all by name
    select
        doc_id,
        lang,
        kind,
        facts,
        coalesce(facts ->> '$.question', text) as question,
        case
            when len(choices) > 0 and choice between 0 and len(choices) - 1
                then chr(ascii('A') + choice)
            else facts ->> '$.answer'
        end as reference,
        choices
    from answers
)

select
    doc_id,
    lang,
    lower(
        coalesce(
            facts ->> '$.domain', facts ->> '$.category', facts ->> '$.subject', kind, 'unknown'
        )
    ) as domain,
    question,
    reference,
    coalesce(facts ->> '$.grader', 'auto') as grader,
    choices
from questions
where trim(question) != ''
    and trim(reference) != ''
