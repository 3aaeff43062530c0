-- Fine-tuning: conversations by shares of language and mode, their difficulty balanced.
-- One row per document.
-- Each language and mode gets its share of the tokens; where one has too few the whole gets smaller
-- until the shares hold. In each, levels of difficulty give the same number of tokens until a level
-- has no more. Conversations that say no mode have the share that the two modes leave: none by
-- default, or answers without reasoning would not say so. The paper (arXiv
-- 2510.09426) has 8.02 billion tokens; its shares are not published and chosen here.
-- param tokenizer       VARCHAR               tokenizer whose counts of chats fill the budget
-- param token_budget    BIGINT = 8020000000   most tokens to draw, before repeats
-- param ko_share        DOUBLE = 0.5          Korean share of the tokens
-- param think_share     DOUBLE = 0.5          share that is told to think, and does
-- param no_think_share  DOUBLE = 0.5          share that is told not to think
-- param repeats         DOUBLE = 1.0          passes over each conversation
-- param seed            BIGINT = 42           choice and order of conversations
with candidates as (
    select
        doc_id,
        lang || '_' || coalesce(mode, 'untold') as component,
        level,
        n_tokens,
        md5(doc_id || $seed) as sort_key
    from kept_conversations
    join conversation_tokens using (doc_id)
    where split = 'train'
        and tokenizer = $tokenizer
        and lang in ('ko', 'en')
        and coalesce(has_reasoning = (mode = 'think'), true)
),

shares as (
    select
        languages.lang || '_' || modes.mode as component,
        case
            when $ko_share not between 0 and 1
                then error('ko_share is ' || $ko_share || ', and a share is from 0 to 1')
            when least($think_share, $no_think_share, 1.000001 - $think_share - $no_think_share) < 0
                then error(
                    'think_share is ' || $think_share || ' and no_think_share '
                    || $no_think_share || ', which are no shares of 1'
                )
            else languages.share * modes.share
        end as share
    from (values ('ko', $ko_share), ('en', 1 - $ko_share)) as languages (lang, share)
    cross join (
        values
            ('think', $think_share),
            ('no_think', $no_think_share),
            ('untold', greatest(1 - $think_share - $no_think_share, 0))
    ) as modes (mode, share)
),

available as (
    select
        shares.component,
        shares.share,
        case
            when count(candidates.doc_id) = 0
                then error(
                    'no kept conversation for ' || shares.component || ' with tokens of "'
                    || $tokenizer || '"; a share of 0 goes without'
                )
            else sum(candidates.n_tokens)
        end as n_tokens
    from shares
    left join candidates using (component)
    where shares.share > 0.000001
    group by shares.component, shares.share
),

budget as (
    select least($token_budget, min(n_tokens / share)) as n_tokens
    from available
),

in_level as (
    select
        doc_id,
        component,
        n_tokens,
        sort_key,
        coalesce(sum(n_tokens) over earlier, 0) as n_tokens_before
    from candidates
    window earlier as (
        partition by component, level order by sort_key, doc_id
        rows between unbounded preceding and 1 preceding
    )
),

running as (
    select
        doc_id,
        component,
        sort_key,
        coalesce(sum(n_tokens) over earlier, 0) as n_tokens_before
    from in_level
    window earlier as (
        partition by component order by n_tokens_before, sort_key, doc_id
        rows between unbounded preceding and 1 preceding
    )
)

select
    running.doc_id,
    running.component,
    $repeats::double as repeats,
    running.sort_key
from running
join available using (component)
cross join budget
where running.n_tokens_before < budget.n_tokens * available.share * 0.999999
