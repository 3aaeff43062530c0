"""What `kormo translate` can be told, and the prompts that follow from it."""

from dataclasses import dataclass, field
from typing import Any

from kormo_ds.errors import BadConfig, unknown
from kormo_ds.generate import prompt
from kormo_ds.generate.prompt import Prompt
from kormo_ds.generate.request import Sampling

_LEAST_PIECE = 200


@dataclass(frozen=True)
class Settings:
    """Which documents are translated, by whom and how.

    Raises:
        BadConfig: no documents, language or endpoint given, or a value out of range.
    """

    to: str = ""
    """Language to translate into."""
    lang: str = ""
    """Language of the documents; 'en' for `to=ko` and 'ko' for any other, unless given."""
    where: str = ""
    """Documents: a condition in SQL on columns of `documents`."""
    select: str = ""
    """Documents: a query of `sql/seeds`, or a .sql file like these, instead of `where`."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Values for parameters of that query."""
    limit: int = 0
    """Documents at most; 0 for all."""
    endpoint: str = ""
    """Name of the endpoint that translates."""
    prompt: str = ""
    """Id of the prompt; 'translate_LANG_TO' unless given."""
    prompt_folder: str = ""
    """A folder of one's own prompts, which go before shipped ones of the same id."""
    source: str = ""
    """`source` of the translations; the parent's with '_TO' behind it unless given."""
    keep_reasoning: bool = False
    """Leave the reasoning of conversations in the language that it is in."""
    protect: bool = True
    """Put markers in the place of code, formulas and addresses."""
    piece: int = 3000
    """Characters of a piece at most: longer texts are cut at paragraphs."""
    context: int = 0
    """Characters of the source before a piece that are shown with it."""
    sampling: Sampling = field(
        default_factory=lambda: Sampling(temperature=0.3, top_p=0.95, max_tokens=4096)
    )
    """How answers are drawn."""
    back: float = 0.0
    """Share of the translations that is translated back and compared; 0 for none."""
    back_endpoint: str = ""
    """Name of the endpoint that translates back; `endpoint` unless given."""

    def __post_init__(self) -> None:
        if not self.to:
            raise BadConfig("say into which language: to=ko")
        if bool(self.where) == bool(self.select):
            raise BadConfig(
                "say which documents, once: where=\"source = 'web'\", or select=NAME for a query "
                "of sql/seeds"
            )
        if self.parameters and not self.select:
            raise BadConfig("parameters are those of a query; give select=NAME, too")
        if not self.endpoint:
            raise BadConfig("say which endpoint translates: endpoint=NAME")
        if not self.lang:
            object.__setattr__(self, "lang", "en" if self.to == "ko" else "ko")
        if self.lang == self.to:
            raise BadConfig(f"lang={self.lang} and to={self.to} are one language; give two")
        if self.piece < _LEAST_PIECE:
            raise BadConfig(f"piece={self.piece} must be {_LEAST_PIECE} characters or more")
        for name in ("limit", "context"):
            if getattr(self, name) < 0:
                raise BadConfig(f"{name}={getattr(self, name)} must be 0 or more")
        if not 0 <= self.back <= 1:
            raise BadConfig(f"back={self.back} is no share; give 0 to 1")

    def forth(self) -> Prompt:
        """The prompt that translates.

        Raises:
            UnknownName: no such prompt.
            BadConfig, BadInput: one that does not translate into `to`, or cannot be read.
        """
        return _prompt(self.prompt or f"translate_{self.lang}_{self.to}", self.to, self)

    def backwards(self) -> Prompt:
        """The prompt that translates back; errors as `forth`."""
        return _prompt(f"translate_{self.to}_{self.lang}", self.lang, self)


def _prompt(name: str, language: str, settings: Settings) -> Prompt:
    known = prompt.library(settings.prompt_folder)
    if name not in known:
        raise unknown("prompt", name, known, "prompt=ID names another one")
    found = prompt.read(known[name])
    if found.origin != "translated" or found.language != language:
        raise BadConfig(
            f"prompt {name} does not translate into '{language}': its language is "
            f"'{found.language}' and its origin {found.origin}"
        )
    if found.parameters:
        raise BadConfig(f"prompt {name} has parameters, of which a translation chooses none")
    if settings.context and not found.topic_line:
        raise BadConfig(f"context={settings.context} needs a prompt with a topic_line: {name}")
    return found
