"""Means of scores with standard errors, as rows of the lake's `evals`; the judge is in each.

    task     FORM@QUESTIONS/STRATEGY, then /DOMAIN or /turn_N     QUESTIONS is their fingerprint
    metric   score:JUDGE:PROMPT@VERSION:RULE                      and unreadable:… for their share

Turns of a question are not independent, so the standard error of a mean of turns is that of a ratio
of two means over questions.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from kormo_ds.eval.judged.form import Form
from kormo_ds.eval.judged.judging import SCORED, UNREADABLE, Judgement


def rows(
    judgements: Sequence[Judgement],
    form: Form,
    judge: str,
    questions: str,
    at: datetime | None = None,
) -> list[dict[str, Any]]:
    """Rows of `evals`: for each run and strategy of all, of each domain and of each turn.

    Args:
        judgements: of `Judged.judgements`.
        form: how they came about.
        judge: the judge's name.
        questions: their fingerprint.
        at: when; default now.
    """
    when = (at or datetime.now(UTC)).replace(tzinfo=None)
    about = f"{judge}:{form.prompt.name}:{form.rule}"
    found = []
    for (run, strategy), of_run in _groups(judgements, lambda one: (one.run, one.strategy)):
        task = f"{form.name}@{questions}/{strategy}"
        key = {"run": run, "checkpoint": form.checkpoint, "lang": form.language}
        key |= {"source": None, "synthesizer": None, "created_at": when}
        for part, of_part in [("", of_run), *_parts(of_run)]:
            scored = [one for one in of_part if one.word == SCORED]
            value, error = mean(scored)
            numbers = {"value": value, "stderr": error, "n_documents": len(scored)}
            numbers |= {"n_bytes": sum(one.n_bytes for one in scored)}
            found.append(key | {"metric": f"score:{about}", "task": task + part} | numbers)
        judged = [one for one in of_run if one.word in (SCORED, UNREADABLE)]
        share = sum(one.word == UNREADABLE for one in judged) / len(judged) if judged else None
        numbers = {"value": share, "stderr": None, "n_documents": len(judged)}
        numbers |= {"n_bytes": sum(one.n_bytes for one in judged)}
        found.append(key | {"metric": f"unreadable:{about}", "task": task} | numbers)
    return found


def mean(scored: Sequence[Judgement]) -> tuple[float | None, float | None]:
    """The mean of the turns' scores and its standard error, questions being what was drawn.

    None for the mean of nothing, and for the error of a single question.
    """
    if not scored:
        return None, None
    value = math.fsum(one.score or 0.0 for one in scored) / len(scored)
    groups = _groups(scored, lambda one: one.question.id)
    if len(groups) < 2:
        return value, None
    squares = math.fsum(
        math.fsum((one.score or 0.0) - value for one in turns) ** 2 for _, turns in groups
    )
    return value, math.sqrt(squares * len(groups) / (len(groups) - 1)) / len(scored)


def _parts(of_run: Sequence[Judgement]) -> list[tuple[str, list[Judgement]]]:
    domains = _groups(of_run, lambda one: f"/{one.question.domain}")
    return domains + _groups(of_run, lambda one: f"/turn_{one.turn}")


def _groups(judgements: Iterable[Judgement], key: Any) -> list[tuple[Any, list[Judgement]]]:
    """The judgements by a key, in the order in which the keys come first."""
    groups: dict[Any, list[Judgement]] = {}
    for one in judgements:
        groups.setdefault(key(one), []).append(one)
    return list(groups.items())
