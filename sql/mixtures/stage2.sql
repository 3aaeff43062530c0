-- Stage 2: high quality and synthetic, its Korean balanced over several synthesizers.
-- One row per document.
-- Each part gets its share of the tokens. A scarce one is repeated, at most `max_repeats` times;
-- where that is not enough the whole budget shrinks until the shares hold. Synthetic Korean is
-- shared out by what each synthesizer has; one that would be above `synthesizer_cap` gets just that
-- and the others share the rest, so a cap of 1/n shares it equally among n. KORMo's ablation (arXiv
-- 2510.09426, section 4.3): (a) one is `stage2_one_synthesizer`; (b) two halves are
-- synthesizers=[A,B] synthesizer_cap=0.5; (c) five are five names and 0.2. The paper's synthetic
-- share of Korean is 68.74 %; the other shares are not published and chosen here.
-- param tokenizer           VARCHAR                  tokenizer whose counts fill the budget
-- param token_budget        BIGINT = 1800000000000   most tokens to draw, repeats included
-- param ko_share            DOUBLE = 0.10            Korean share of the tokens, at least 0.05
-- param ko_synthetic_share  DOUBLE = 0.6874          share of the Korean that models wrote
-- param en_synthetic_share  DOUBLE = 0.30            share of the English that models wrote
-- param synthesizers        VARCHAR[] = []           of the Korean; none for all
-- param synthesizer_cap     DOUBLE = 0.5             most of synthetic Korean by one synthesizer
-- param max_repeats         DOUBLE = 4.0             most passes over a document
-- param seed                BIGINT = 42              choice and order of documents
with candidates as (
    select
        doc_id,
        lang,
        lang || case
            when origin = 'synthetic' or synthesizer is not null then '_synthetic'
            else '_other'
        end as component,
        case
            when lang = 'ko' and (origin = 'synthetic' or synthesizer is not null)
                then coalesce(synthesizer, 'not named')
        end as voice,
        n_tokens,
        md5(doc_id || $seed) as sort_key
    from kept_documents
    join document_split using (doc_id)
    join document_tokens using (doc_id)
    where split = 'train'
        and tokenizer = $tokenizer
        and lang in ('ko', 'en')
        and (
            len($synthesizers) = 0
            or lang = 'en'
            or (origin is distinct from 'synthetic' and synthesizer is null)
            or list_contains($synthesizers, coalesce(synthesizer, 'not named'))
        )
),

planned as (
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
),

voices as (
    select
        voice,
        sum(n_tokens) as n_tokens,
        row_number() over (order by sum(n_tokens) desc, voice) - 1 as n_larger,
        sum(sum(n_tokens)) over (
            order by sum(n_tokens) desc, voice
            rows between current row and unbounded following
        ) as n_tokens_from_here,
        greatest($synthesizer_cap, 1.0 / count(*) over ()) as cap,
        count(*) over () as n_voices,
        (list(voice) over ())::varchar as known
    from candidates
    where voice is not null
    group by voice
),

uncapped as (
    select max(greatest(1 - n_larger * cap, 0) / n_tokens_from_here) as share_of_a_token
    from voices
    where greatest(1 - n_larger * cap, 0) / n_tokens_from_here * n_tokens <= cap * 1.000001
),

voice_shares as (
    select
        voice,
        case
            when $ko_synthetic_share = 0 then 0
            when len($synthesizers) not in (0, n_voices)
                then error(
                    'synthesizers are ' || $synthesizers::varchar
                    || '; kept Korean documents are only of ' || known
                )
            when $synthesizer_cap * n_voices < 0.999
                then error(
                    'synthesizer_cap is ' || $synthesizer_cap || ' with ' || n_voices
                    || ' synthesizers of Korean; take more of them or raise it to 1/' || n_voices
                )
            else least(cap, n_tokens * share_of_a_token)
        end as share
    from voices
    cross join uncapped
),

shares as (
    select
        component,
        voice,
        planned.share * coalesce(voice_shares.share, 1) as share
    from planned
    left join voice_shares on component = 'ko_synthetic'
    where planned.share > 0
),

available as (
    select
        shares.component,
        shares.voice,
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
    left join candidates
        on shares.component = candidates.component
        and shares.voice is not distinct from candidates.voice
    group by shares.component, shares.voice, shares.share
),

budget as (
    select least($token_budget, min(n_tokens * $max_repeats / share)) as n_tokens
    from available
),

targets as (
    select
        available.component,
        available.voice,
        budget.n_tokens * available.share as n_tokens,
        greatest(1.0, budget.n_tokens * available.share / available.n_tokens) as repeats
    from available
    cross join budget
),

running as (
    select
        doc_id,
        component,
        voice,
        sort_key,
        sum(n_tokens) over earlier as n_tokens_before
    from candidates
    window earlier as (
        partition by component, voice order by sort_key, doc_id
        rows between unbounded preceding and 1 preceding
    )
)

select
    running.doc_id,
    running.component,
    targets.repeats::double as repeats,
    running.sort_key
from running
join targets
    on running.component = targets.component
    and running.voice is not distinct from targets.voice
where coalesce(running.n_tokens_before, 0) < targets.n_tokens
