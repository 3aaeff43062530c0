"""Which questions are hard: Algorithm 1 of KORMo, with two solvers of different size.

    questions ──▶ both solvers answer ──▶ graded ──▶ both wrong ──▶ both label ──▶ both say hard
                                             └ cannot tell ──▶ judge, if there is one

Each stage asks what the table `generations` does not hold yet, so a killed run goes on; columns are
written at the end, from the table alone, for documents that lack them. Cost: two requests a
question, two more for those that stay; grading takes microseconds for numbers and choices, up to
0.3 s of a core for other mathematics. Memory: about 1 KB a question of this run.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import lake
from kormo_ds.errors import BadConfig, BadInput, unknown
from kormo_ds.generate import prompt, question
from kormo_ds.generate.answers import Answer, look_up
from kormo_ds.generate.difficulty_columns import (
    CUT,
    NAME,
    RIGHT,
    UNANSWERED,
    UNSURE,
    VERSION,
    WRONG,
    Columns,
    Outcome,
    Solver,
    both_wrong,
    verdict,
)
from kormo_ds.generate.difficulty_label import label
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.grade import grade, judge
from kormo_ds.generate.question import Question
from kormo_ds.generate.request import Request, Sampling, Work
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import prompts as recorded
from lake.fill import Filled, new_columns

_CHUNK = 5_000
_LONGEST = 200
_MARKED = ("boxed", "hashes", "phrase")


@dataclass(frozen=True)
class Settings:
    """Who is asked what; endpoints by their names.

    Raises:
        BadConfig: no two solvers.
    """

    large: str = ""
    small: str = ""
    judge: str = ""
    """Asked where the rules cannot tell whether an answer is right; empty for nobody."""
    query: str = "documents"
    """Name of a query in `sql/questions`, or the path of a .sql file."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Values for parameters of the query; the others have its defaults."""
    temperature: float = 0.6
    top_p: float = 0.95
    max_tokens: int = 8192
    """Of an answer at most, reasoning included."""
    cut_is_wrong: bool = False
    """Whether an answer that ends at max_tokens without a result counts as wrong."""
    give_up: bool = False
    """Whether what has no answer after all attempts is called unanswered, for good."""

    def __post_init__(self) -> None:
        for size in ("large", "small"):
            if not getattr(self, size):
                raise BadConfig(f"no {size} solver; name an endpoint with {size}=…")


class Graded(NamedTuple):
    """A question after the first stage."""

    question: Question
    large: Solver
    small: Solver
    to_judge: tuple[Request, ...]
    """What the rules could not tell."""
    n_waiting: int
    """Requests of it, to solvers and judge, that have no answer yet."""


class Difficulty:
    """The filter on one lake."""

    def __init__(self, lk: lake.Lake, endpoints: Mapping[str, Endpoint], settings: Settings):
        """Everything is looked up and checked before anybody is asked.

        Raises:
            UnknownName: an endpoint or query that there is not.
            BadConfig: one model as both solvers, or sampling out of range.
            ColumnTaken: the lake has a difficulty by other settings.
        """
        for name in filter(None, (settings.large, settings.small, settings.judge)):
            if name not in endpoints:
                raise unknown("endpoint", name, endpoints)
        self._lake, self._settings = lk, settings
        self._large, self._small = endpoints[settings.large], endpoints[settings.small]
        if self._large.identity == self._small.identity:
            raise BadConfig(
                f"large={settings.large} and small={settings.small} are the same model, "
                f"{self._large.model}; two of different size are needed"
            )
        self._judge = endpoints[settings.judge] if settings.judge else None
        self._query = question.find(settings.query)
        self._query.values(settings.parameters)
        self._sampling = Sampling(settings.temperature, settings.top_p, settings.max_tokens)
        self._certain = Sampling(0.0, 1.0, settings.max_tokens)
        library = prompt.library()
        stages = ("solve", "label_difficulty", *(("judge_answer",) if self._judge else ()))
        self._prompts = {
            f"{stage}_{language}": prompt.read(library[f"{stage}_{language}"])
            for stage in stages
            for language in ("en", "ko")
        }
        self._rules: dict[tuple[str, str], Solver] = {}
        new_columns(lk.schema("documents"), [Columns(self.fingerprint, {})])

    @property
    def fingerprint(self) -> str:
        """Changes with models, prompts, sampling, questions and graders."""
        said = asdict(self._settings)
        for name in ("large", "small", "judge", "query", "give_up"):
            said.pop(name)
        models = [self._large.identity, self._small.identity]
        models += [self._judge.identity] if self._judge else []
        prompts = {name: one.text for name, one in self._prompts.items()}
        return lake.fingerprint(NAME, VERSION, said, self._query.sha256, models, prompts)

    def stages(self) -> Iterator[tuple[str, Work]]:
        """Purpose and requests of each stage; ask one before taking the next."""
        for one in self._prompts.values():
            recorded.keep(self._lake, one.name, one.text)
        yield "difficulty:solve", self.solving()
        if self._judge:
            yield "difficulty:judge", {self._settings.judge: self._judging}
        staying = {one.question.doc_id for one in self._graded() if self._stays(one)}
        names = (self._settings.large, self._settings.small)
        yield "difficulty:label", dict.fromkeys(names, partial(self._labelling, staying))

    def solving(self) -> Work:
        """What the first stage asks both solvers."""
        names = (self._settings.large, self._settings.small)
        return dict.fromkeys(names, self._solve_all)

    def fill(self, progress: Advance = silent) -> Filled:
        """Write the columns for all documents that lack them.

        Raises:
            BadInput: an answer is missing, unless such are given up.
        """
        with self._lake.lock("difficulty"):
            outcomes: dict[str, Outcome] = {}
            n_waiting = 0
            for one, n in self._outcomes():
                outcomes[one[0]] = one[1]
                n_waiting += n
            if n_waiting and not self._settings.give_up:
                raise BadInput(
                    f"{n_waiting:,} answers are missing, so no difficulty is written yet; run it "
                    "again to ask again, or with give_up=true to call them unanswered"
                )
            return self._lake.fill("documents", [Columns(self.fingerprint, outcomes)], progress)

    def _questions(self) -> Iterator[Question]:
        parameters = self._settings.parameters
        return question.read(self._lake, self._query, parameters, "difficulty_verdict")

    def _solve_all(self) -> Iterator[Request]:
        return (self._solve(one) for one in self._questions())

    def _judging(self) -> Iterator[Request]:
        return (request for one in self._graded() for request in one.to_judge)

    def _labelling(self, staying: set[str]) -> Iterator[Request]:
        return (self._label(one) for one in self._questions() if one.doc_id in staying)

    def _stays(self, one: Graded) -> bool:
        return both_wrong(one.large.grade, one.small.grade, self._settings.cut_is_wrong)

    def _outcomes(self) -> Iterator[tuple[tuple[str, Outcome], int]]:
        """Outcome by doc_id, and the requests of it that have no answer."""
        graded = self._graded()
        while chunk := list(islice(graded, _CHUNK)):
            staying = [self._label(one.question) for one in chunk if self._stays(one)]
            labels = [
                iter(self._answers(endpoint, staying)) for endpoint in (self._large, self._small)
            ]
            for one in chunk:
                large, small, n_waiting = one.large, one.small, one.n_waiting
                if self._stays(one):
                    said = [next(answers) for answers in labels]
                    n_waiting += said.count(None)
                    large, small = (
                        solver._replace(label=_label(answer))
                        for solver, answer in zip((large, small), said, strict=True)
                    )
                word = verdict(large, small, self._settings.cut_is_wrong)
                outcome = Outcome(one.question.domain, large, small, word)
                yield (one.question.doc_id, outcome), n_waiting

    def _graded(self) -> Iterator[Graded]:
        waiting = self._questions()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            while chunk := list(islice(waiting, _CHUNK)):
                requests = [self._solve(one) for one in chunk]
                found = []
                for endpoint in (self._large, self._small):
                    answers = self._answers(endpoint, requests)
                    names = [endpoint.name] * len(chunk)
                    solvers = list(pool.map(self._by_rule, names, chunk, answers))
                    found.append(self._by_judge(chunk, answers, solvers))
                for one, large, small in zip(chunk, *found, strict=True):
                    both = (large, small)
                    to_judge = tuple(each.to_judge for each in both if each.to_judge)
                    n_waiting = sum(each.n_waiting for each in both)
                    yield Graded(one, large.solver, small.solver, to_judge, n_waiting)

    def _by_rule(self, endpoint: str, one: Question, answer: Answer | None) -> Solver:
        if answer is None or answer.error:
            return Solver(UNANSWERED)
        key = (endpoint, one.doc_id)
        if key not in self._rules:
            found = grade(answer.text, one.reference, one.choices, one.grader)
            word = {True: RIGHT, False: WRONG, None: UNSURE}[found.correct]
            if answer.finish_reason == "length" and found.how.split(":")[0] not in _MARKED:
                word = CUT
            self._rules[key] = Solver(word, found.extracted[:_LONGEST])
        return self._rules[key]

    def _by_judge(
        self, chunk: list[Question], answers: list[Answer | None], solvers: list[Solver]
    ) -> "list[_Solved]":
        """What rules could not tell, as the judge says."""
        solved = [
            _Solved(solver, None, int(answer is None))
            for solver, answer in zip(solvers, answers, strict=True)
        ]
        if self._judge is None:
            return solved
        unsure = [at for at, solver in enumerate(solvers) if solver.grade == UNSURE]
        requests = [self._compare(chunk[at], answers[at]) for at in unsure]
        said = self._answers(self._judge, requests)
        for at, request, answer in zip(unsure, requests, said, strict=True):
            solver = solvers[at]
            if answer is not None and not answer.error:
                correct = judge.verdict(answer.text).correct
                solver = solver._replace(grade={True: RIGHT, False: WRONG, None: UNSURE}[correct])
            solved[at] = _Solved(solver, request, int(answer is None))
        return solved

    def _answers(self, endpoint: Endpoint, requests: list[Request]) -> list[Answer | None]:
        ids = [endpoint.id_of(request) for request in requests]
        found = look_up(self._lake, ids)
        return [found.get(request_id) for request_id in ids]

    def _solve(self, one: Question) -> Request:
        return self._request("solve", one, one.asked, self._sampling)

    def _label(self, one: Question) -> Request:
        return self._request("label_difficulty", one, one.asked, self._certain)

    def _compare(self, one: Question, answer: Answer | None) -> Request:
        text = answer.text if answer else ""
        shown = judge.case(one.asked, one.reference, text, one.prompt_language)
        return self._request("judge_answer", one, shown, self._certain)

    def _request(self, stage: str, one: Question, seed: str, sampling: Sampling) -> Request:
        asked = self._prompts[f"{stage}_{one.prompt_language}"]
        return Request(asked.messages(seed, {}), sampling, asked.name, one.doc_id)


class _Solved(NamedTuple):
    solver: Solver
    to_judge: Request | None
    n_waiting: int


def _label(answer: Answer | None) -> str:
    return UNANSWERED if answer is None or answer.error else label(answer.text)
