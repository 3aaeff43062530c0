-- Mid-training on long documents, to a token budget, with a share of short ones.
-- One row per document.
-- Without short documents mathematics and code get worse (KORMo, section on mid-training). Each
-- component gets its share of the tokens. A scarce one is repeated, at most `max_repeats` times;
-- where that is not enough the whole budget shrinks until the shares hold again.
-- param tokenizer     VARCHAR                tokenizer whose counts fill the budget
-- param token_budget  BIGINT = 10300000000   most tokens to draw, repeats included
-- param long_tokens   BIGINT = 8192          fewest tokens of a long document
-- param short_share   DOUBLE = 0.25          share of the tokens for shorter ones, below 1
-- param ko_share      DOUBLE = 0.25          Korean share of long and of short ones, 0 to 1
-- param max_repeats   DOUBLE = 4.0           most passes over a document
-- param seed          BIGINT = 42            choice and order of documents
with shares as (
    select component, share
    from (
        values
            ('en_long', (1 - $ko_share) * (1 - $short_share)),
            ('en_short', (1 - $ko_share) * $short_share),
            ('ko_long', $ko_share * (1 - $short_share)),
            ('ko_short', $ko_share * $short_share)
    ) as planned (component, share)
    where case
        when $ko_share not between 0 and 1
            then error('ko_share is ' || $ko_share || ': it is a share, from 0 to 1')
        when $short_share < 0 or $short_share >= 1
            then error('short_share is ' || $short_share || ': it is a share, from 0 to below 1')
        else share > 0
    end
),

candidates as (
    select
        doc_id,
        lang || case when n_tokens < $long_tokens then '_short' else '_long' end as component,
        n_tokens,
        md5(doc_id || $seed) as sort_key
    from kept_documents
    join document_split using (doc_id)
    join document_tokens using (doc_id)
    where split = 'train'
        and tokenizer = $tokenizer
),

available as (
    select
        shares.component,
        shares.share,
        case
            when count(candidates.doc_id) = 0
                then error(
                    'no kept document for ' || shares.component || ' with tokens of "'
                    || $tokenizer || '", where ' || $long_tokens || ' are long; move long_tokens, '
                    || 'or set ko_share or short_share to go without'
                )
            else sum(candidates.n_tokens)
        end as n_tokens
    from shares
    left join candidates using (component)
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
where coalesce(running.n_tokens_before, 0) < targets.n_tokens
