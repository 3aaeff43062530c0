-- How hard questions are, and what share the two-stage filter retains.
-- One row per domain, and one for all of them (NULL) where there are several.
-- Retained are questions that both solvers get wrong and then both call hard; `paper_share` is what
-- KORMo retained of STEM and mathematics (section 5.2). `n_unknown` is not graded for sure.
-- page funnel 105
-- title Difficulty by domain | 분야별 난이도
-- chart bar x=retained_share y=domain
-- chart table
-- optional difficulty_domain   VARCHAR   field of the question
-- optional difficulty_verdict  VARCHAR   NULL where it was not computed yet
with questions as (
    select
        difficulty_domain as domain,
        difficulty_verdict as verdict
    from documents
    where difficulty_verdict != 'not_a_question'
),

counted as (
    select
        domain,
        grouping(domain) as is_total,
        count(*) as n_questions,
        count(*) filter (where verdict in ('solved_by_both', 'solved_by_small')) as n_easy,
        count(*) filter (where verdict = 'solved_by_large') as n_medium,
        count(*) filter (where verdict in ('hard', 'not_hard', 'unlabelled')) as n_both_wrong,
        count(*) filter (where verdict = 'unlabelled') as n_unlabelled,
        count(*) filter (where verdict = 'hard') as n_retained,
        count(*) filter (where verdict in ('unsure', 'unanswered')) as n_unknown
    from questions
    group by grouping sets ((domain), ())
)

select
    domain,
    n_questions,
    n_easy,
    n_medium,
    n_both_wrong,
    n_unlabelled,
    n_retained,
    n_unknown,
    round(n_retained / n_questions, 4) as retained_share,
    case domain when 'stem' then 0.01 when 'math' then 0.11 end::double as paper_share
from counted
where n_questions > 0
    and (is_total = 0 or (select count(*) from counted) > 2)
order by is_total desc, domain
