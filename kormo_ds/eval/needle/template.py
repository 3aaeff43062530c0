"""The words of a test in one language: a file of templates, with particles and lists resolved."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from kormo_ds.errors import unknown
from kormo_ds.text.particles import resolved

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Words:
    """What is said in one language; `$name` is filled in, {A/B} is a particle."""

    intro: str
    needle: str
    """Of $key and $value."""
    question: dict[str, str]
    """Of $keys: 'one' asks for one number, 'all' for several."""
    answer: str
    """How the answer begins, of $keys: a model that was not taught to answer goes on with it."""
    key: str
    """Of $adjective and $noun."""
    join: str
    join_last: str
    adjectives: list[str]
    nouns: list[str]

    def things(self) -> list[str]:
        """All things that a needle can be about, in a fixed order."""
        return [
            Template(self.key).substitute(adjective=adjective, noun=noun)
            for adjective in self.adjectives
            for noun in self.nouns
        ]

    def needle_of(self, key: str, value: str) -> str:
        """The sentence that is hidden."""
        return resolved(Template(self.needle).substitute(key=key, value=value))

    def question_of(self, keys: Sequence[str], n_values: int) -> str:
        """The question, for `n_values` numbers in all."""
        kind = "one" if n_values == 1 else "all"
        return resolved(Template(self.question[kind]).substitute(keys=self._listed(keys)))

    def answer_of(self, keys: Sequence[str]) -> str:
        """How the answer begins."""
        return resolved(Template(self.answer).substitute(keys=self._listed(keys)))

    def _listed(self, keys: Sequence[str]) -> str:
        *first, last = keys
        return f"{self.join.join(first)}{self.join_last}{last}" if first else last


def languages() -> list[str]:
    """Languages that a test can be in."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read(lang: str) -> Words:
    """The words of a language.

    Raises:
        UnknownName: there are none; a new language is a file of `templates`.
    """
    if lang not in languages():
        raise unknown("language of needles", lang, [*languages(), "both"])
    said = yaml.safe_load((FOLDER / f"{lang}.yaml").read_text(encoding="utf-8"))
    return Words(**said)
