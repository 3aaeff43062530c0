-- What is kept at each threshold of an integer column, were that column to decide.
-- One row per language, source and threshold.
-- Among the documents that `steps` keep, those are counted whose value is at least the threshold,
-- or at most it. n_tokens is NULL unless a tokenizer is named.
-- page what_if 2
-- title One column as a threshold | 열 하나를 문턱값으로
-- chart line x=threshold y=n_documents color=source row=lang
-- control column choice integers
-- control steps several steps
-- control keep choice at_least,at_most
-- control tokenizer choice tokenizers
-- param column     VARCHAR = 'lang_bin'            an integer column of documents
-- param steps      VARCHAR[] = ['length', 'lang']  steps that decide besides
-- param keep       VARCHAR = 'at_least'            or at_most, for a column where high is bad
-- param width      BIGINT = 1                      distance of thresholds; more for a wide column
-- param tokenizer  VARCHAR = ''                    whose tokens are shown; empty for none
with every_column as (
    select
        columns(*),
        'kept' as _reason,
        null::bigint as n_tokens_
    from documents
),

judging as (
    select coalesce(list(column_name[:-8]), []) as steps
    from (describe documents)
    where ends_with(column_name, '_reason')
),

candidates as (
    select
        lang,
        source,
        n_bytes,
        struct_extract(every_column, $column) as value,
        struct_extract(every_column, 'n_tokens_' || $tokenizer) as n_tokens
    from every_column
    cross join judging
    where columns(
        lambda name: name = '_reason'
            or (ends_with(name, '_reason') and list_contains($steps, name[:-8]))
    ) = 'kept'
        and case
            when list_has_all(judging.steps, $steps) then true
            else error('steps is ' || $steps::varchar || '; there are ' || judging.steps::varchar)
        end
),

counted as (
    select
        lang,
        source,
        case
            when $keep not in ('at_least', 'at_most')
                then error('keep is ' || $keep || ', not at_least or at_most')
            when typeof(value) not similar to '(U?(TINY|SMALL|BIG)?(INT|INTEGER))'
                then error($column || ' is ' || typeof(value) || '; thresholds are integers')
            else value::bigint // $width * $width
        end as threshold,
        count(*) as n_documents,
        sum(n_bytes) as n_bytes,
        sum(n_tokens) as n_tokens
    from candidates
    where value is not null
    group by lang, source, threshold
)

select
    lang,
    source,
    threshold,
    (sum(n_documents) over kept)::bigint as n_documents,
    round(100.0 * sum(n_documents) over kept / sum(n_documents) over every, 2) as percent,
    (sum(n_bytes) over kept)::bigint as n_bytes,
    (sum(n_tokens) over kept)::bigint as n_tokens
from counted
window
    every as (partition by lang, source),
    kept as (
        partition by lang, source
        order by if($keep = 'at_least', -threshold, threshold)
    )
order by lang, source, threshold
