-- What each method of dedup removes from each source.
-- One row per method, language and source that it judged.
-- `percent` is of the documents that took part; those left out had failed a filter before.
with judged as (
    select
        step as method,
        documents.lang,
        documents.source,
        reason
    from document_reasons
    join documents using (doc_id)
    where step in ('exact', 'minhash', 'bff')
)

select
    method,
    lang,
    source,
    count(*) filter (where reason != 'left_out') as n_documents,
    count(*) filter (where reason not in ('kept', 'left_out')) as n_removed,
    round(100.0 * n_removed / nullif(n_documents, 0), 2) as percent,
    count(*) filter (where reason = 'left_out') as n_left_out
from judged
group by method, lang, source
order by method, n_removed desc, lang, source
