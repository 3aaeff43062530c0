-- How hard each question is, as a word: easy, medium, unsolved or hard.
-- One row per document that is a question and whose difficulty is known.
-- Easy is what the small solver answers rightly, medium what the large one alone does, unsolved
-- what neither does, and hard what both then call hard.
-- optional difficulty_domain   VARCHAR   field of the question
-- optional difficulty_verdict  VARCHAR   NULL where it was not computed yet
-- optional difficulty_bin      TINYINT   below 0 where it is not known
select
    doc_id,
    difficulty_domain as domain,
    difficulty_verdict as verdict,
    difficulty_bin,
    ['easy', 'medium', 'unsolved', 'hard'][difficulty_bin + 1] as level
from documents
where difficulty_bin >= 0
