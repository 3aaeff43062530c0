-- The text that is trained on: duplicates and lines left out, personal data masked.
-- One row per document; '' where nothing is left.
-- `final_text` the function is lake/spans.py, which packing calls, too.
-- optional text_clean   VARCHAR   else the text as it came
-- optional bff_text     VARCHAR   the column that dup_spans are of
-- optional dup_spans    STRUCT("start" INTEGER, "end" INTEGER)[]   left out
-- optional line_spans   STRUCT("start" INTEGER, "end" INTEGER)[]   left out
-- optional pii_spans    STRUCT("start" INTEGER, "end" INTEGER, kind VARCHAR)[]   masked
select
    doc_id,
    source_id,
    coalesce(
        case
            when bff_text = 'text' and len(dup_spans) > 0 and text_clean <> text
                then case
                    when len(line_spans) > 0 or len(pii_spans) > 0
                        then error(
                            'dup_spans of document ' || doc_id || ' are of text, other spans of '
                            || 'text_clean: drop the columns of bff and run kormo dedup bff again'
                        )
                    else final_text(text, dup_spans, null, null)
                end
            else final_text(coalesce(text_clean, text), dup_spans, line_spans, pii_spans)
        end,
        ''
    ) as final_text
from documents
