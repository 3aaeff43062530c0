-- What would be kept, were these thresholds to decide: by language, source and synthesizer.
-- One row per language, source and synthesizer.
-- A threshold at its loosest value keeps everything; moved, it takes documents, too, whose value is
-- not computed, or whose language has no model: `n_unknown` counts them. `steps` decide besides.
-- `sql/mixtures/what_if.sql` chooses the same documents but for those held out for evaluation.
-- page what_if 1
-- title Kept by these thresholds | 이 문턱값으로 남는 것
-- chart totals
-- chart bar x=amount y=lang color=lang
-- chart bar x=amount y=source color=source
-- chart bar x=amount y=synthesizer color=synthesizer
-- control min_quality_bin slider 0 99 1
-- control min_lang_bin slider 0 9 1
-- control max_bff_percent slider 0 100 1
-- control min_difficulty_bin slider 0 3 1
-- control min_chars slider 0 10000 50
-- control max_chars slider 1000 1000000 1000
-- control steps several steps
-- control measure choice measures
-- control tokenizer choice tokenizers
-- optional quality_bin     TINYINT   percentile of quality, below 0 without a model
-- optional lang_bin        TINYINT   tenth of the language's probability
-- optional bff_total       BIGINT    n-grams that deduplication compared
-- optional bff_contained   BIGINT    of these, seen before
-- optional difficulty_bin  TINYINT   0 easy to 3 hard, below 0 not known
-- optional n_chars         BIGINT    code points
-- optional n_bytes         BIGINT    bytes
-- param min_quality_bin     INTEGER = 0        lowest percentile of quality
-- param min_lang_bin        INTEGER = 0        lowest tenth of the language's probability
-- param max_bff_percent     INTEGER = 100      most n-grams that were seen before, in per cent
-- param min_difficulty_bin  INTEGER = 0        lowest difficulty
-- param min_chars           BIGINT = 0         fewest characters
-- param max_chars           BIGINT = 1000000   most characters; the largest value is no limit
-- param steps               VARCHAR[] = []     steps that decide besides
-- param measure             VARCHAR = 'documents'  tokens, bytes or documents
-- param tokenizer           VARCHAR = ''       whose tokens are counted; empty for none
with every_column as (
    select
        *,
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
        synthesizer,
        n_bytes,
        struct_extract(every_column, 'n_tokens_' || $tokenizer) as n_tokens,
        (quality_bin >= $min_quality_bin or $min_quality_bin = 0)
        and (lang_bin >= $min_lang_bin or $min_lang_bin = 0)
        and (100 * bff_contained <= $max_bff_percent * bff_total or $max_bff_percent = 100)
        and (difficulty_bin >= $min_difficulty_bin or $min_difficulty_bin = 0)
        and (n_chars >= $min_chars or $min_chars = 0)
        and (n_chars <= $max_chars or $max_chars = 1000000) as is_kept,
        ($min_quality_bin > 0 and coalesce(quality_bin, -1) < 0)
        or ($min_lang_bin > 0 and lang_bin is null)
        or ($max_bff_percent < 100 and (bff_total is null or bff_contained is null))
        or ($min_difficulty_bin > 0 and difficulty_bin is null)
        or (($min_chars > 0 or $max_chars < 1000000) and n_chars is null) as is_unknown
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
        synthesizer,
        count(*) as n_candidates,
        count(*) filter (where is_kept) as n_documents,
        sum(n_bytes) filter (where is_kept)::bigint as n_bytes,
        sum(n_tokens) filter (where is_kept)::bigint as n_tokens,
        count(*) filter (where is_unknown) as n_unknown
    from candidates
    group by lang, source, synthesizer
)

select
    lang,
    source,
    synthesizer,
    case $measure
        when 'tokens' then n_tokens
        when 'bytes' then n_bytes
        else n_documents
    end as amount,
    n_documents,
    round(100.0 * n_documents / n_candidates, 2) as percent,
    n_bytes,
    n_tokens,
    n_candidates,
    n_unknown
from counted
order by lang, source, synthesizer nulls first
