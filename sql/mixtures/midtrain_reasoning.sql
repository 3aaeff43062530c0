-- Mid-training on reasoning: conversations with thoughts, of questions that are hard enough.
-- One row per document.
-- The paper (arXiv 2510.09426, section 5.2) keeps what two solvers both fail and both call hard,
-- and translates it; 157.8 billion tokens. Variants that turn reasoning on or off are left out.
-- Where a language has too few tokens for its share it is repeated, at most `max_repeats` times;
-- where that is not enough the whole gets smaller.
-- allow untold_reasoning: every conversation here has thoughts
-- param tokenizer     VARCHAR                 tokenizer whose counts of chats fill the budget
-- param token_budget  BIGINT = 157800000000   most tokens to draw, repeats included
-- param levels        VARCHAR[] = ['hard']    easy, medium, unsolved, hard, unknown
-- param ko_share      DOUBLE = 0.5            Korean share of the tokens; not published
-- param max_repeats   DOUBLE = 4.0            most passes over a conversation
-- param seed          BIGINT = 42             choice and order of conversations
with candidates as (
    select
        doc_id,
        lang as component,
        n_tokens,
        md5(doc_id || $seed) as sort_key
    from kept_conversations
    join conversation_tokens using (doc_id)
    where split = 'train'
        and tokenizer = $tokenizer
        and lang in ('ko', 'en')
        and has_reasoning
        and not is_variant
        and list_contains($levels, level)
),

shares as (
    select
        lang as component,
        case
            when $ko_share not between 0 and 1
                then error('ko_share is ' || $ko_share || ', and a share is from 0 to 1')
            else share
        end as share
    from (values ('ko', $ko_share), ('en', 1 - $ko_share)) as known (lang, share)
),

available as (
    select
        shares.component,
        shares.share,
        case
            when count(candidates.doc_id) = 0
                then error(
                    'no kept conversation in ' || shares.component || ' with thoughts, tokens of "'
                    || $tokenizer || '" and a level of ' || $levels::varchar
                )
            else sum(candidates.n_tokens)
        end as n_tokens
    from shares
    left join candidates using (component)
    where shares.share > 0
    group by shares.component, shares.share
),

budget as (
    select least($token_budget, min(n_tokens * $max_repeats / share)) as n_tokens
    from available
),

targets as (
    select
        available.component,
        budget.n_tokens * available.share as n_tokens,
        greatest(1.0, budget.n_tokens * available.share / available.n_tokens) as repeats
    from available
    cross join budget
),

running as (
    select
        doc_id,
        component,
        sort_key,
        sum(n_tokens) over earlier as n_tokens_before
    from candidates
    window earlier as (
        partition by component order by sort_key, doc_id
        rows between unbounded preceding and 1 preceding
    )
)

select
    running.doc_id,
    running.component,
    targets.repeats::double as repeats,
    running.sort_key
from running
join targets using (component)
where coalesce(running.n_tokens_before, 0) < targets.n_tokens * 0.999999
