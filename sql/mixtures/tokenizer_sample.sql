-- Documents to train a tokenizer on, in fixed shares of bytes.
-- One row per document.
-- A key of `shares` is a language ("ko") or a language and an origin ("ko/crawled"). The sample is
-- as large as the scarcest key allows, so the shares hold to within one document. KORMo's were
-- {"en/synthetic": 0.80, "ko/crawled": 0.05, "ko/synthetic": 0.15} of 20 GB.
-- allow eval_overlap: only a tokenizer is trained on them
-- param bytes   BIGINT = 20000000000              most bytes to take
-- param shares  JSON = '{"en": 0.8, "ko": 0.2}'   share of the bytes by key
-- param seed    BIGINT = 42                       choice and order of documents
with shares as (
    select
        key as component,
        value::double / sum(value::double) over () as share
    from json_each($shares)
    where value::double > 0
),

candidates as (
    select
        kept_documents.doc_id,
        shares.component,
        kept_documents.n_bytes,
        md5(kept_documents.doc_id || $seed) as sort_key
    from kept_documents
    join document_split using (doc_id)
    join shares on shares.component in (lang, lang || '/' || origin)
    where split = 'train'
),

available as (
    select
        shares.component,
        shares.share,
        case
            when count(candidates.doc_id) = 0
                then error('no kept document for the share "' || shares.component || '"')
            else sum(candidates.n_bytes)
        end as n_bytes
    from shares
    left join candidates using (component)
    group by shares.component, shares.share
),

sample as (
    select least($bytes, min(n_bytes / share)) as n_bytes
    from available
),

running as (
    select
        doc_id,
        component,
        sort_key,
        sum(n_bytes) over earlier as n_bytes_before
    from candidates
    window earlier as (
        partition by component order by sort_key, doc_id
        rows between unbounded preceding and 1 preceding
    )
)

select
    running.doc_id,
    running.component,
    1.0::double as repeats,
    running.sort_key
from running
join available using (component)
cross join sample
where coalesce(running.n_bytes_before, 0) < sample.n_bytes * available.share
