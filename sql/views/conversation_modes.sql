-- Whether a conversation's last answer has reasoning, and whether a turn says that it should.
-- One row per conversation.
-- toggle is 'think' or 'no_think': of a variant, its system prompt; of any other conversation, the
-- last /think or /no_think that its system or user says, as Qwen3 reads them; NULL for neither.
with conversations as (
    select
        doc_id,
        lang,
        source,
        parent_id,
        prompt_style,
        messages,
        len(messages) + 1 - list_position(
            list_reverse(list_transform(messages, lambda turn: turn.role)), 'user'
        ) as last_asked,
        list_transform(
            list_filter(messages, lambda turn: turn.role in ('system', 'user')),
            lambda turn: turn.content
        ) as asked
    from documents
    where len(messages) > 0
)

select
    doc_id,
    lang,
    source,
    parent_id,
    case
        when prompt_style in ('think', 'no_think') and messages[1].role = 'system'
            then prompt_style
        else regexp_extract_all(
            array_to_string(asked, chr(10)), '(?:^|\s)/((?:no_)?think)\b', 1
        )[-1]
    end as toggle,
    len(
        list_filter(messages[coalesce(last_asked, 0) + 1:], lambda turn: turn.reasoning <> '')
    ) > 0 as has_reasoning
from conversations
