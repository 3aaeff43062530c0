-- Lengths of documents in characters, in bins that double.
-- One row per language and bin; the bin holds lengths from `n_chars_from` to below twice that.
-- page lake 106
-- title Lengths | 길이 분포
-- chart bar x=n_documents y=n_chars_from color=lang
with binned as (
    select
        lang,
        case when n_chars = 0 then 0 else 2 ** floor(log2(n_chars)) end as n_chars_from,
        length_reason
    from documents
    where n_chars is not null
)

select
    lang,
    n_chars_from::bigint as n_chars_from,
    count(*) as n_documents,
    count(*) filter (where length_reason = 'kept') as n_kept
from binned
group by lang, n_chars_from
order by lang, n_chars_from
