-- Paragraphs of which deduplication left no copy at all.
-- One row per language.
-- A paragraph is a line without the white space around it; its words are parted by white space.
-- param min_words  BIGINT = 13  shorter paragraphs do not count
with before as (
    select
        lang,
        trim(unnest(string_split(text_before, chr(10))), chr(9) || chr(13) || ' ') as paragraph
    from deduplicated
),

after as (
    select distinct
        md5(trim(unnest(string_split(text_after, chr(10))), chr(9) || chr(13) || ' ')) as hashed
    from deduplicated
),

counted as (
    select distinct
        lang,
        md5(paragraph) as hashed
    from before
    where len(string_split_regex(paragraph, '\s+')) >= $min_words
)

select
    lang,
    count(*) as n_paragraphs,
    count(*) filter (where after.hashed is null) as n_lost,
    round(100.0 * n_lost / n_paragraphs, 3) as percent_lost
from counted
left join after using (hashed)
group by lang
order by lang
