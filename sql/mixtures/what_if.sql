-- Documents that these thresholds keep, each once: what the dashboard saves from its sliders.
-- One row per document.
-- A threshold at its loosest value keeps everything; moved, it leaves out documents whose value is
-- not computed or whose language has no model. Documents held out for evaluation stay out.
-- optional quality_bin     TINYINT   percentile of quality, below 0 without a model
-- optional lang_bin        TINYINT   tenth of the language's probability
-- optional bff_total       BIGINT    n-grams that deduplication compared
-- optional bff_contained   BIGINT    of these, seen before
-- optional difficulty_bin  TINYINT   0 easy to 3 hard, below 0 not known
-- optional n_chars         BIGINT    code points
-- param min_quality_bin     INTEGER = 0        lowest percentile of quality
-- param min_lang_bin        INTEGER = 0        lowest tenth of the language's probability
-- param max_bff_percent     INTEGER = 100      most n-grams that were seen before, in per cent
-- param min_difficulty_bin  INTEGER = 0        lowest difficulty
-- param min_chars           BIGINT = 0         fewest characters
-- param max_chars           BIGINT = 1000000   most characters; the largest value is no limit
-- param steps               VARCHAR[] = []     steps that decide besides
-- param seed                INTEGER = 42       order of documents
with every_column as (
    select
        *,
        'kept' as _reason
    from documents
),

judging as (
    select coalesce(list(column_name[:-8]), []) as steps
    from (describe documents)
    where ends_with(column_name, '_reason')
)

select
    doc_id,
    coalesce(lang, 'unknown') as component,
    1.0::double as repeats,
    md5(doc_id || $seed) as sort_key
from every_column
cross join judging
join document_split using (doc_id)
where split = 'train'
    and columns(
        lambda name: name = '_reason'
            or (ends_with(name, '_reason') and list_contains($steps, name[:-8]))
    ) = 'kept'
    and case
        when list_has_all(judging.steps, $steps) then true
        else error('steps is ' || $steps::varchar || '; there are ' || judging.steps::varchar)
    end
    and (quality_bin >= $min_quality_bin or $min_quality_bin = 0)
    and (lang_bin >= $min_lang_bin or $min_lang_bin = 0)
    and (100 * bff_contained <= $max_bff_percent * bff_total or $max_bff_percent = 100)
    and (difficulty_bin >= $min_difficulty_bin or $min_difficulty_bin = 0)
    and (n_chars >= $min_chars or $min_chars = 0)
    and (n_chars <= $max_chars or $max_chars = 1000000)
