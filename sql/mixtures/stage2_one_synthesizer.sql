-- Stage 2 with the Korean of one synthesizer: KORMo's ablation (a), which collapsed.
-- One row per document.
-- As `stage2`, but all synthetic Korean is of the one synthesizer that is named. The name is why it
-- may be recorded: any other mixture like it is refused.
-- param tokenizer           VARCHAR                  tokenizer whose counts fill the budget
-- param one_synthesizer     VARCHAR                  the one synthesizer of the Korean part
-- param token_budget        BIGINT = 1800000000000   most tokens to draw, repeats included
-- param ko_share            DOUBLE = 0.10            Korean share of the tokens, at least 0.05
-- param ko_synthetic_share  DOUBLE = 0.6874          share of the Korean that the model wrote
-- param en_synthetic_share  DOUBLE = 0.30            share of the English that models wrote
-- param max_repeats         DOUBLE = 4.0             most passes over a document
-- param seed                BIGINT = 42              choice and order of documents
with candidates as (
    select
        doc_id,
        lang || case
            when origin = 'synthetic' or synthesizer is not null then '_synthetic'
            else '_other'
        end as component,
        n_tokens,
        md5(doc_id || $seed) as sort_key
    from kept_documents
    join document_split using (doc_id)
    join document_tokens using (doc_id)
    where split = 'train'
        and tokenizer = $tokenizer
        and lang in ('ko', 'en')
        and (
            synthesizer = $one_synthesizer
            or lang = 'en'
            or (origin is distinct from 'synthetic' and synthesizer is null)
        )
),

shares as (
    select
        component,
        case
            when $ko_share < 0.05
                then error('ko_share is ' || $ko_share || ': Korean is lost below 0.05')
            else share
        end as share
    from (
        values
            ('en_other', (1 - $ko_share) * (1 - $en_synthetic_share)),
            ('en_synthetic', (1 - $ko_share) * $en_synthetic_share),
            ('ko_other', $ko_share * (1 - $ko_synthetic_share)),
            ('ko_synthetic', $ko_share * $ko_synthetic_share)
    ) as known (component, share)
    where share > 0
),

available as (
    select
        shares.component,
        shares.share,
        case
            when count(candidates.doc_id) = 0
                then error(
                    'no kept document for ' || shares.component || ' with tokens of "'
                    || $tokenizer || '"; a share of 0 or 1 goes without'
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
