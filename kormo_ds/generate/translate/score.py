"""A sample of translations, translated back and compared with what they were made from.

The sample is chosen by a hash of the document's id, so a larger share holds the smaller one's
documents. Of conversations what was said is compared, without reasoning. Compared is prose alone,
by chrF (Popović 2015; sacrebleu's, which counts sequences of one to six characters and so needs no
words of Korean): code and formulas come back by markers and would be praise for nothing. Scores are
rows of the table `translation_scores` and no column, since a column is filled for every document,
where NULL means "not computed yet".
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pyarrow as pa

import lake
from kormo_ds.documents.document import Turn
from kormo_ds.documents.translated import translated_parts
from kormo_ds.generate import choice
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.translate.chosen import Chosen
from kormo_ds.generate.translate.run import of_documents
from kormo_ds.generate.translate.work import Failed, How, translation
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import prompts
from kormo_ds.recorded.rows import rows_of
from kormo_ds.text.kept.compare import find
from lake.tables import table

TABLE = "translation_scores"
_SEED = 42


class Sample(NamedTuple):
    """Translations and, one for each, the documents that they were made from."""

    documents: Chosen
    parents: Chosen


def sample(lk: lake.Lake, how: How, back: How) -> Sample:
    """The translations of `how` that are to be translated back and have no score of `back` yet."""
    dataset = lk.dataset("documents")
    rows = lk.sql(
        "select doc_id, parent_id from documents where origin = 'translated' and lang = $lang "
        "and synthesizer = $synthesizer and prompt_id = $prompt order by doc_id",
        lang=how.settings.to,
        synthesizer=how.synthesizer,
        prompt=how.prompt.name,
    ).fetchall()
    done = _scored(lk, back)
    drawn = [
        (doc_id, parent_id)
        for doc_id, parent_id in rows
        if doc_id not in done and choice.unit(_SEED, "back", doc_id, 0) < how.settings.back
    ]
    found = [rows_of(dataset, [pair[side] for pair in drawn]) for side in (0, 1)]
    return Sample(*(Chosen(dataset, side[found[1] >= 0]) for side in found))


def backwards(how: How, synthesizer: str) -> How:
    """How the translations of `how` are translated back."""
    given = how.settings
    settings = replace(given, to=given.lang, lang=given.to, keep_reasoning=True)
    return How(given.backwards(), synthesizer, settings)


def finish(
    lk: lake.Lake,
    drawn: Sample,
    how: How,
    back: How,
    endpoint: Endpoint,
    progress: Advance = silent,
) -> tuple[list[float], int]:
    """Write the scores of a sample that was asked for.

    Returns:
        The scores that are new, in the order of the documents, and how many documents have none
        because an answer is missing or cannot be used.
    """
    rows: list[dict[str, Any]] = []
    n_failed = 0
    answers = of_documents(lk, drawn.documents, back, endpoint)
    for (document, its), parent in zip(answers, drawn.parents, strict=True):
        progress(1)
        said = [answer for answer in its if answer is not None]
        try:
            text, turns = translation(document, back, said) if len(said) == len(its) else ("", None)
        except Failed:
            text, turns = "", None
        if not text:
            n_failed += 1
            continue
        came, source = _prose(text, turns), _prose(parent.text, parent.messages)
        row = {"doc_id": document.doc_id, "parent_id": parent.doc_id, "lang": how.settings.to}
        row |= {"synthesizer": how.synthesizer, "prompt_id": how.prompt.name}
        row |= {"back_synthesizer": back.synthesizer, "back_prompt_id": back.prompt.name}
        rows.append(row | {"chrf": chrf(came, source), "n_chars": len(source)})
    if rows:
        with lk.lock("translation scores"):
            prompts.keep(lk, back.prompt.name, back.prompt.text)
            lk.append(TABLE, pa.Table.from_pylist(rows, table(TABLE).schema))
    return [row["chrf"] for row in rows], n_failed


def chrf(text: str, reference: str) -> float:
    """The chrF of a text against one reference, 0 to 100; white space does not count.

    >>> chrf("The sea is blue.", "The sea is blue."), chrf("xyz", "The sea is blue.")
    (100.0, 0.0)
    """
    from sacrebleu.metrics.chrf import CHRF

    return round(float(CHRF().sentence_score(text, [reference]).score), 2)


def _prose(text: str, turns: Sequence[Turn] | None) -> str:
    said = "\n\n".join(translated_parts(turns, reasoning=False)) if turns else text
    return find(said).prose


def _scored(lk: lake.Lake, back: How) -> set[str]:
    """The documents that have a score of this way back."""
    if not lk.exists(TABLE):
        return set()
    rows = lk.sql(
        f"select doc_id from {TABLE} where back_synthesizer = $synthesizer "
        "and back_prompt_id = $prompt",
        synthesizer=back.synthesizer,
        prompt=back.prompt.name,
    )
    return {doc_id for (doc_id,) in rows.fetchall()}
