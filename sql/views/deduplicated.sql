-- What BFF compared, and what it left of it; nothing else is taken out or masked here.
-- One row per document that was judged.
-- optional text_clean   VARCHAR   where it was there, it was compared
select
    doc_id,
    lang,
    source,
    case when bff_text = 'text' then text else text_clean end as text_before,
    final_text(
        case when bff_text = 'text' then text else text_clean end, dup_spans, null, null
    ) as text_after
from documents
where bff_reason <> 'left_out'
