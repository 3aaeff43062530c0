"""A form: how chat is asked and judged, e.g. as LogicKor does, and who answers and judges.

`ds_configs/judged/*.yaml` are forms; `a.b=c` words lie over them. Questions are not in them: they
belong to who published them, and come from files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kormo_ds import project, settings_file
from kormo_ds.errors import BadConfig, unknown
from kormo_ds.generate import prompt
from kormo_ds.generate.prompt import Prompt
from kormo_ds.generate.request import Message, Sampling

FOLDER = "ds_configs/judged"
PROMPTS = "kormo_ds/eval/judged/prompts"
RULES = ("none", "zero", "square_root")
"""What becomes of the score of an answer in another language than the form's."""


@dataclass(frozen=True)
class Example:
    """A question and its answer that stand before what is asked."""

    question: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form, with who answers and who judges.

    Raises:
        BadConfig: a value out of range, or nobody to answer or judge.
    """

    language: str
    """In which answers have to be: ko or en."""
    n_questions: int = 0
    """Of the published set; other numbers of questions are said. 0 for any."""
    domains: list[str] = field(default_factory=list)
    """Of the published set, in its order; empty takes the categories as they are."""
    strategies: dict[str, list[Example]]
    """What stands before the question, by the strategy's name."""
    strategy: list[str] = field(default_factory=list)
    """Strategies that are asked; empty for all."""
    rule: str = "none"
    """One of `RULES`."""
    min_hangul: float = 0.1
    """Hangul among an answer's letters at least, code and formulas left out, to be Korean."""
    exempt: list[str] = field(default_factory=list)
    """Questions ('12') or turns ('12/2') whose answers may be in any language."""
    temperature: float = 0.0
    """Of answers; the judge answers at 0."""
    temperatures: dict[str, float] = field(default_factory=dict)
    """In place of it, by domain."""
    max_tokens: int = 2048
    """Of an answer at most, thoughts included."""
    judge_prompt: str
    """Name of a prompt in kormo_ds/eval/judged/prompts, or the path of a .md file."""
    judge_max_tokens: int = 2048
    """Of a judgement at most, thoughts included."""
    model: str = ""
    """The endpoint that answers."""
    recorded: str = ""
    """A file with answers, in place of an endpoint that gives them."""
    judge: str = ""
    """The endpoint that judges."""
    run: str = ""
    """`run` in the table `evals`; the model's name unless given. Of recorded answers: whose."""
    checkpoint: str = ""
    """`checkpoint` in the table `evals`, e.g. step-000100."""
    give_up: bool = False
    """Whether scores are written though requests have no answer."""
    name: str = ""
    """That of the file."""

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise unknown("rule", self.rule, RULES)
        for strategy in self.strategy:
            if strategy not in self.strategies:
                raise unknown("strategy", strategy, self.strategies)
        if not self.strategies:
            raise BadConfig("strategies hold none; give one, e.g. strategies.default=[]")
        if not 0 < self.min_hangul <= 1:
            raise BadConfig(f"min_hangul={self.min_hangul} must be above 0, and 1 at most")
        if self.rule != "none" and self.language != "ko":
            raise BadConfig(
                f"rule={self.rule} knows Korean answers from others, and this form's language is "
                f"'{self.language}'; give rule=none"
            )
        for domain in self.temperatures:
            if self.domains and domain not in self.domains:
                raise unknown("domain", domain, self.domains, "of temperatures.DOMAIN")
        assert [self.sampling(domain) for domain in ("", *self.temperatures)] and self.judging

    def check_who(self) -> None:
        """Raise BadConfig unless it says who answers and who judges."""
        if bool(self.model) == bool(self.recorded):
            raise BadConfig("name who answers: either model=ENDPOINT or recorded=FILE")
        if not self.judge:
            raise BadConfig("nobody judges; name an endpoint with judge=…")

    @property
    def asked(self) -> list[str]:
        """The strategies that are asked."""
        return self.strategy or list(self.strategies)

    def sampling(self, domain: str) -> Sampling:
        """How answers to a domain's questions are drawn."""
        temperature = self.temperatures.get(domain, self.temperature)
        return Sampling(temperature, 1.0, self.max_tokens)

    @cached_property
    def judging(self) -> Sampling:
        """How judgements are drawn."""
        return Sampling(0.0, 1.0, self.judge_max_tokens)

    @cached_property
    def prompt(self) -> Prompt:
        """What the judge is asked with.

        Raises:
            UnknownName, BadInput: no such prompt, or one that cannot be used.
        """
        return prompt.read(project.file("judge prompt", self.judge_prompt, PROMPTS, ".md"))

    def before(self, strategy: str) -> tuple[Message, ...]:
        """The messages that stand before a question."""
        return tuple(
            message
            for example in self.strategies[strategy]
            for message in (("user", example.question), ("assistant", example.answer))
        )


def read(name_or_path: str, words: Sequence[str] = ()) -> Form:
    """The form of a name in `ds_configs/judged` or of a YAML file, with `a.b=c` words on top.

    Raises:
        UnknownName: no such form, key, prompt, rule or strategy; names the nearest.
        BadConfig, BadInput: a value of the wrong type or out of range; a file that cannot be read.
    """
    form = settings_file.read(Form, "form", name_or_path, FOLDER, words)
    assert form.prompt
    return form


def known() -> dict[str, Path]:
    """All forms by name."""
    return project.files(FOLDER, ".yaml")
