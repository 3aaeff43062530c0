-- No synthesizer alone writes a mixture's synthetic Korean, unless the mixture says so by its name.
-- One row per mixture, version and synthesizer above the limit.
-- KORMo's stage 2 collapsed on one synthesizer; two halves did not. Synthetic is what a model
-- wrote: of origin synthetic, or with a synthesizer, so that a model's translations count and
-- people's do not; what names none is one voice. Shares are of tokens times repeats, else of bytes,
-- else of documents: the first that is known of the whole mixture. A mixture says so by a parameter
-- `one_synthesizer` with that name as its value. Samples for tokenizers and held-out documents are
-- not trained on, so they may.
-- param lang   VARCHAR = 'ko'  language to guard
-- param limit  DOUBLE = 0.5    largest share of the language's synthetic part, in whole per cent
-- param least  DOUBLE = 0.01   smaller synthetic parts of the language are not guarded
with counted as (
    select
        mixture,
        version,
        case
            when origin = 'synthetic' or synthesizer is not null
                then coalesce(synthesizer, 'not named')
        end as synthesizer,
        case
            when count(n_repeated_tokens) over whole = count(*) over whole
                then n_repeated_tokens
            when count(n_repeated_bytes) over whole = count(*) over whole
                then n_repeated_bytes
            else n_documents
        end as amount
    from recorded_totals
    where lang = $lang
    window whole as (partition by mixture, version)
),

voices as (
    select
        mixture,
        version,
        synthesizer,
        sum(amount) as amount,
        sum(sum(amount)) over whole as amount_of_language,
        sum(sum(amount)) filter (where synthesizer is not null) over whole as amount_of_models
    from counted
    group by mixture, version, synthesizer
    window whole as (partition by mixture, version)
)

select
    mixture,
    version,
    synthesizer,
    round(amount / amount_of_models, 4) as share,
    round(amount_of_models / amount_of_language, 4) as synthetic_share
from voices
join mixtures using (mixture, version)
where synthesizer is not null
    and round(amount / amount_of_models, 2) > $limit
    and amount_of_models >= $least * amount_of_language
    and coalesce(parameters ->> '$.one_synthesizer', '') <> synthesizer
    and mixture not like 'tokenizer%'
    and mixture not like 'held_out%'
order by mixture, version, synthesizer
