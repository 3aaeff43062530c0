"""One question, asked turn after turn, with what was answered so far; and how a judge sees it."""

from dataclasses import dataclass, field

from kormo_ds.eval.judged.questions import Question
from kormo_ds.generate.answers import Answer
from kormo_ds.generate.request import Message

WAITING, REFUSED = "waiting", "refused"
_HEADINGS = {
    "ko": ("앞선 대화", "질문", "기준 답안", "채점할 답변", "사용자", "모델"),
    "en": ("Conversation before", "Question", "Reference answer", "Answer to be scored")
    + ("User", "Model"),
}


@dataclass
class Conversation:
    """What one model answered to one question, under one strategy."""

    run: str
    """Who answers, as the table `evals` says it."""
    strategy: str
    question: Question
    before: tuple[Message, ...] = ()
    """What stands before the first turn."""
    answers: list[str] = field(default_factory=list)
    """Without thoughts."""
    cut: list[bool] = field(default_factory=list)
    """Which of them end at the most tokens that they may have."""
    published: dict[int, float] = field(default_factory=dict)
    """Scores that somebody else gave, by turn from 0."""
    ended: str = ""
    """Why there is no further answer: WAITING or REFUSED; '' where there may be one."""

    def goes_on(self, turn: int) -> bool:
        """Whether the turn of that number, from 0, is what is asked next."""
        return not self.ended and len(self.answers) == turn < len(self.question.turns)

    def messages(self) -> tuple[Message, ...]:
        """What is sent for the next turn."""
        said: list[Message] = [*self.before]
        for turn, answer in zip(self.question.turns, self.answers, strict=False):
            said += [("user", turn), ("assistant", answer)]
        return (*said, ("user", self.question.turns[len(self.answers)]))

    def take(self, answer: Answer | None) -> None:
        """Keep the next answer, or why there is none."""
        if answer is None or answer.error:
            self.ended = REFUSED if answer else WAITING
            return
        self.answers.append(answer.text.strip())
        self.cut.append(answer.finish_reason == "length")

    def case(self, turn: int, language: str) -> str:
        """What the judge of a turn's answer is shown, as one text with headings.

        The turns before stand first, the answer last. Headings are in the language of the
        judge's prompt, English for all but Korean.
        """
        before, asked, reference, answer, user, model = _HEADINGS.get(language, _HEADINGS["en"])
        talk = "\n\n".join(
            f"[{user}]\n{said}\n\n[{model}]\n{answered}"
            for said, answered in zip(self.question.turns[:turn], self.answers, strict=False)
        )
        parts = [
            (before, talk),
            (asked, self.question.turns[turn].strip()),
            (reference, self.question.references[turn].strip()),
            (answer, self.answers[turn]),
        ]
        return "\n\n".join(f"# {name}\n{part}" for name, part in parts if part)
