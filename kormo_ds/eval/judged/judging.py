"""Ask for answers, turn after turn, then ask the judge about each; and read what it said.

    questions × strategies ──▶ turn 1 ──▶ turn 2 … ──▶ judge, one request an answer ──▶ judgements

Every request and answer is a row of `generations`, so a killed run goes on where it was, and the
same answers judged again cost nothing. What no judge is needed for is not sent: an empty answer,
and under the rule `zero` one in another language.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import lake
from kormo_ds.errors import BadInput, unknown
from kormo_ds.eval.judged import given, score
from kormo_ds.eval.judged.conversation import REFUSED, WAITING, Conversation
from kormo_ds.eval.judged.form import Form
from kormo_ds.eval.judged.questions import Question
from kormo_ds.generate.answers import Answer, answered
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.request import Request, Work
from kormo_ds.recorded import prompts

SCORED, UNREADABLE, UNJUDGED, UNANSWERED = "scored", "unreadable", "unjudged", "unanswered"
WORDS = {
    SCORED: "it has a score",
    UNREADABLE: "the judge's answer gives no score, or several; it is in no mean",
    UNJUDGED: "the judge refused it, e.g. since it is too long; it is in no mean",
    UNANSWERED: "the model's server refused the question, or a turn before; it is in no mean",
    WAITING: "a request has no answer yet",
}
"""What became of each turn."""


class Judgement(NamedTuple):
    """What became of one turn of one question."""

    run: str
    strategy: str
    question: Question
    turn: int
    """From 1."""
    word: str
    """A key of `WORDS`."""
    score: float | None
    """After the rule for other languages; of an empty answer the lowest that there is."""
    is_foreign: bool
    """The answer is in another language than the form's."""
    is_empty: bool
    is_cut: bool
    n_bytes: int
    """Of the answer."""
    published: float | None
    """The score that somebody else gave."""


class Judged:
    """One evaluation on one lake."""

    def __init__(
        self,
        lk: lake.Lake,
        endpoints: Mapping[str, Endpoint],
        form: Form,
        questions: Sequence[Question],
    ):
        """Everything is looked up and checked before anybody is asked.

        Raises:
            UnknownName: an endpoint that there is not, or, where the published number of questions
                is asked, one of `exempt`.
            BadConfig: nobody answers or judges.
            BadInput: recorded answers that cannot be used.
        """
        form.check_who()
        for name in filter(None, (form.model, form.judge)):
            if name not in endpoints:
                raise unknown("endpoint", name, endpoints)
        turns = {f"{one.id}/{turn + 1}" for one in questions for turn in range(len(one.turns))}
        known_turns = turns | {one.id for one in questions}
        for name in form.exempt if form.n_questions in (0, len(questions)) else ():
            if name not in known_turns:
                raise unknown("question or turn", name, known_turns, "of exempt")
        self._lake, self._form, self._questions = lk, form, questions
        self._model = endpoints[form.model] if form.model else None
        self.judge = endpoints[form.judge]
        self.is_own_judge = self._model is not None and self._model.model == self.judge.model
        self._recorded = None if self._model else given.read(form, questions)

    def stages(self) -> Iterator[tuple[str, Work]]:
        """Purpose and requests of each stage; ask one before taking the next."""
        prompts.keep(self._lake, self._form.prompt.name, self._form.prompt.text)
        longest = max(len(question.turns) for question in self._questions)
        for turn in range(longest if self._model else 0):
            if waiting := self._waiting(turn):
                work: Work = {self._form.model: partial(iter, waiting)}
                yield f"judged:{self._form.name}:turn_{turn + 1}", work
        yield f"judged:{self._form.name}:judge", {self._form.judge: self._judging}

    def known_work(self) -> Work:
        """What can be said now of all that will be asked, for an estimate."""
        found: dict[str, list[Request]] = {}
        if self._model:
            for one in self._conversations():
                found.setdefault(self._form.model, []).extend(self._asked_so_far(one))
        found.setdefault(self._form.judge, []).extend(self._judging())
        return {name: partial(iter, requests) for name, requests in found.items()}

    def n_unknown(self) -> tuple[int, int]:
        """Answers and judgements that will be asked for at most, beyond `known_work`."""
        answers = judgements = 0
        for one in self._conversations():
            lacking = len(one.question.turns) - len(one.answers)
            judgements += lacking
            answers += max(0, lacking - 1)
        return answers, judgements

    def judgements(self) -> list[Judgement]:
        """What became of every turn, from the lake alone.

        Raises:
            BadInput: requests have no answer, unless such are given up.
        """
        found = list(self._read())
        n_waiting = sum(one.word == WAITING for one in found)
        if n_waiting and not self._form.give_up:
            raise BadInput(
                f"{n_waiting:,} of {len(found):,} turns have no answer or no judgement yet, so no "
                "score is written; run it again to ask again, or with give_up=true to leave them "
                "out"
            )
        return found

    def _conversations(self) -> list[Conversation]:
        if self._recorded is not None:
            return list(self._as_recorded(self._recorded))
        model = self._model
        assert model is not None
        made = [
            Conversation(self._form.run or model.synthesizer, strategy, question)
            for strategy in self._form.asked
            for question in self._questions
        ]
        for one in made:
            one.before = self._form.before(one.strategy)
        for turn in range(max(len(question.turns) for question in self._questions)):
            going = [one for one in made if one.goes_on(turn)]
            found = answered(self._lake, model, map(self._ask, going))
            for one, (_, answer) in zip(going, found, strict=True):
                one.take(answer)
        return made

    def _as_recorded(self, recorded: given.Recorded) -> Iterator[Conversation]:
        for (model, strategy), answers in recorded.items():
            for question in self._questions:
                said = answers[question.id]
                yield Conversation(
                    model,
                    strategy,
                    question,
                    answers=list(said.outputs),
                    cut=[False] * len(said.outputs),
                    published=said.scores,
                )

    def _waiting(self, turn: int) -> list[Request]:
        """The requests of a turn that have no answer."""
        return [
            self._ask(one)
            for one in self._conversations()
            if one.ended == WAITING and len(one.answers) == turn
        ]

    def _asked_so_far(self, one: Conversation) -> Iterator[Request]:
        answers = one.answers
        n_asked = min(len(answers) + 1, len(one.question.turns))
        for turn in range(n_asked):
            one.answers = answers[:turn]
            yield self._ask(one)
        one.answers = answers

    def _ask(self, one: Conversation) -> Request:
        return Request(
            one.messages(),
            self._form.sampling(one.question.domain),
            f"{self._form.name}/{one.strategy}",
            f"{self._form.name}:{one.question.id}",
        )

    def _judging(self) -> Iterator[Request]:
        for one in self._conversations():
            for turn in range(len(one.answers)):
                if self._needs_judge(one, turn):
                    yield self._judge(one, turn)

    def _needs_judge(self, one: Conversation, turn: int) -> bool:
        is_zero = self._form.rule == "zero" and self._is_foreign(one, turn)
        return bool(one.answers[turn]) and not is_zero

    def _judge(self, one: Conversation, turn: int) -> Request:
        prompt = self._form.prompt
        shown = one.case(turn, prompt.written_in or prompt.language)
        parent = f"{self._form.name}:{one.question.id}:{turn + 1}"
        return Request(prompt.messages(shown, {}), self._form.judging, prompt.name, parent)

    def _is_foreign(self, one: Conversation, turn: int) -> bool:
        names = {one.question.id, f"{one.question.id}/{turn + 1}"}
        if self._form.rule == "none" or not names.isdisjoint(self._form.exempt):
            return False
        return not score.is_korean(one.answers[turn], self._form.min_hangul)

    def _read(self) -> Iterator[Judgement]:
        made = self._conversations()
        said = self._said(made)
        for one in made:
            for turn in range(len(one.question.turns)):
                yield self._judgement(one, turn, said)

    def _said(self, made: Iterable[Conversation]) -> dict[str, Answer | None]:
        """The judge's answers by the id of their request."""
        asked = (
            self._judge(one, turn)
            for one in made
            for turn in range(len(one.answers))
            if self._needs_judge(one, turn)
        )
        found = answered(self._lake, self.judge, asked)
        return {self.judge.id_of(request): answer for request, answer in found}

    def _judgement(
        self, one: Conversation, turn: int, said: Mapping[str, Answer | None]
    ) -> Judgement:
        is_there = turn < len(one.answers)
        text = one.answers[turn] if is_there else ""
        is_foreign = bool(text) and self._is_foreign(one, turn)
        word, found = self._scored(one, turn, said)
        if found is not None and is_foreign:
            found = score.by_rule(found, self._form.rule)
        return Judgement(
            one.run,
            one.strategy,
            one.question,
            turn + 1,
            word,
            found,
            is_foreign,
            is_there and not text,
            is_there and one.cut[turn],
            len(text.encode()),
            one.published.get(turn),
        )

    def _scored(
        self, one: Conversation, turn: int, said: Mapping[str, Answer | None]
    ) -> tuple[str, float | None]:
        """What became of a turn, and its score before the rule for other languages."""
        if turn >= len(one.answers):
            return (UNANSWERED if one.ended == REFUSED else WAITING), None
        if not self._needs_judge(one, turn):
            return SCORED, 0.0 if self._form.rule == "zero" else score.LOWEST
        answer = said[self.judge.id_of(self._judge(one, turn))]
        if answer is None or answer.error:
            return (UNJUDGED if answer else WAITING), None
        found = score.read(answer.text)
        return (UNREADABLE if found is None else SCORED), found
