"""Answers that somebody recorded, and the scores that were published with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kormo_ds.errors import BadInput, unknown
from kormo_ds.eval.judged import rows
from kormo_ds.eval.judged.form import Form
from kormo_ds.eval.judged.questions import Question
from kormo_ds.generate.grade.final import without_thought


@dataclass
class Given:
    """What is recorded of one question."""

    outputs: tuple[str, ...] = ()
    scores: dict[int, float] = field(default_factory=dict)
    """By turn, from 0."""


Recorded = Mapping[tuple[str, str], Mapping[str, Given]]
"""By model and strategy, then by the question's id."""


def read(form: Form, questions: Sequence[Question]) -> Recorded:
    """The recorded answers of a form's strategies, of the model `form.run` or of all.

    What a model thought is left out. Rows without a model are of the model 'recorded', those whose
    file or row names no strategy of the form of its first one.

    Raises:
        BadInput: a file that cannot be read, an answer to a question that there is not, two
            answers to one, or none to some.
        UnknownName: `form.run` wrote none of the answers.
    """
    known = {question.id: question for question in questions}
    found: dict[tuple[str, str], dict[str, Given]] = {}
    for row in rows.read(form.recorded):
        strategy = row.strategy if row.strategy in form.strategies else form.asked[0]
        if strategy not in form.asked:
            continue
        if row.id not in known:
            raise BadInput(f"{row.where}: there is no question {row.id}; name its file, too")
        of_model = found.setdefault((row.model or "recorded", strategy), {})
        given = of_model.setdefault(row.id, Given())
        if row.outputs:
            if given.outputs:
                raise BadInput(f"{row.where}: a second answer to question {row.id}")
            given.outputs = tuple(map(without_thought, row.outputs))
            if len(given.outputs) != len(known[row.id].turns):
                raise BadInput(
                    f"{row.where}: {len(given.outputs)} answers to question {row.id}, which has "
                    f"{len(known[row.id].turns)} turns"
                )
        given.scores |= {at: one for at, one in enumerate(row.scores) if one is not None}
    if form.run and form.run not in {model for model, _ in found}:
        raise unknown("model of recorded answers", form.run, {model for model, _ in found})
    wanted = {key: value for key, value in found.items() if form.run in ("", key[0])}
    for (model, strategy), of_model in wanted.items():
        lacking = [name for name in known if not of_model.get(name, Given()).outputs]
        if lacking:
            raise BadInput(
                f"{form.recorded}: no answer of {model} ({strategy}) to {len(lacking)} questions, "
                f"e.g. {lacking[0]}"
            )
    if not wanted:
        raise BadInput(f"{form.recorded} holds no answer to {', '.join(form.asked)}")
    return wanted
