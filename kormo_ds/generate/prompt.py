"""A prompt is a file: a header that says what it is for, then what is asked, with placeholders.

    ---
    id: textbook_ko
    version: 1
    language: ko                          # of the answer
    style: textbook
    purpose: A chapter of a textbook on what the seed is about.
    parameters:
      audience: [초등학생, 고등학생]      # one is chosen for each request
    topic_line: "주제: $topic"            # where the seed has a topic, and then in a share of them
    system: …                             # a message before, word for word
    ---
    다음 글을 바탕으로 …
    $topic_line
    독자: $audience

    $seed

Values are put in once and not looked at again (`string.Template`), so a seed that holds `$audience`
or braces comes out as it is. `$$` is a dollar. A change to a file raises its version.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any

from kormo_ds import project
from kormo_ds.errors import BadInput, UnknownName, unknown
from kormo_ds.generate.request import Message
from kormo_ds.recorded import prompts as recorded

FOLDER = "kormo_ds/generate/prompts"
SEED, TOPIC_LINE, TOPIC = "seed", "topic_line", "topic"
_ID = re.compile(r"[a-z0-9][a-z0-9_]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_HANGUL = re.compile(r"[가-힣]")
_LETTER = re.compile(r"[^\W\d_]")
_KOREAN, _FOREIGN = 0.5, 0.1
"""Hangul among the letters: of Korean instructions at least, of others at most."""
_ORIGINS = ("synthetic", "translated")
_NEEDED = ("id", "version", "language", "style", "purpose")


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One prompt file.

    Raises:
        BadInput: a header that cannot be, or a body that does not fit it.
    """

    id: str
    version: int
    language: str
    """Of the answer."""
    style: str
    """Sort of text that is asked for; `prompt_style` of the documents."""
    purpose: str
    written_in: str = ""
    """Language of the instructions; that of the answer unless given."""
    origin: str = "synthetic"
    """Of the documents: synthetic, or translated where nothing else is asked for."""
    reasoning: str = ""
    """Language of the thoughts. Given, the seed is a question, the body is `$seed` alone, and
    question and answer become a conversation; an answer without thoughts is rejected."""
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Values of the further placeholders, of which one each is chosen."""
    topic_line: str = ""
    system: str = ""
    body: str
    text: str = field(repr=False)
    """The file as it is."""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise BadInput(f"id '{self.id}' is not of small letters, digits and _")
        if self.version < 1:
            raise BadInput(f"version {self.version} is not 1 or more")
        for name in ("language", "written_in", "reasoning"):
            value = getattr(self, name)
            if value and not _LANGUAGE.fullmatch(value):
                raise BadInput(f"{name} '{value}' is not a language code such as ko or en")
        if self.origin not in _ORIGINS:
            raise unknown("origin", self.origin, _ORIGINS)
        self._check_placeholders()
        self._check_language()

    @property
    def name(self) -> str:
        """'ID@VERSION', the `prompt_id` of documents."""
        return f"{self.id}@{self.version}"

    def messages(
        self, seed: str, values: Mapping[str, str], topic: str = ""
    ) -> tuple[Message, ...]:
        """What is sent.

        Args:
            seed: text of the seed.
            values: one value for each of `parameters`.
            topic: what the seed is about; '' leaves the line of the topic out.
        """
        line = Template(self.topic_line).substitute({TOPIC: topic}) if topic else ""
        body = self.body if line else self.body.replace(f"${TOPIC_LINE}\n", "")
        said = Template(body).substitute({**values, SEED: seed, TOPIC_LINE: line})
        system: tuple[Message, ...] = (("system", self.system),) if self.system else ()
        return (*system, ("user", said))

    def _check_placeholders(self) -> None:
        known = {SEED, TOPIC_LINE, *self.parameters}
        used = _placeholders(self.body, "body")
        if self.reasoning and self.body != f"${SEED}":
            raise BadInput("reasoning makes the seed a question, so its body must be $seed alone")
        if SEED not in used:
            raise BadInput("its body has no $seed")
        if odd := sorted(used - known):
            raise unknown("placeholder", odd[0], known, "parameters: names further ones")
        if idle := sorted(set(self.parameters) - used):
            raise BadInput(f"parameter {idle[0]} is not used; write ${idle[0]} or take it out")
        if bool(self.topic_line) != (TOPIC_LINE in used):
            raise BadInput("topic_line: and a line $topic_line of the body need each other")
        if self.topic_line and _placeholders(self.topic_line, "topic_line") != {TOPIC}:
            raise BadInput(f"topic_line '{self.topic_line}' must hold $topic, and no other")
        for name, values in self.parameters.items():
            if name in (SEED, TOPIC_LINE, TOPIC) or not values or not all(values):
                raise BadInput(f"parameter {name}: {list(values)} cannot be; list some texts")

    def _check_language(self) -> None:
        """The instructions are in the language that they are said to be in."""
        said = recorded.instructions(self.text)
        letters = len(_LETTER.findall(said))
        share = len(_HANGUL.findall(said)) / max(letters, 1)
        language = self.written_in or self.language
        if letters and (share < _KOREAN if language == "ko" else share > _FOREIGN):
            raise BadInput(
                f"its instructions are not in '{language}' ({share:.0%} of the letters are Hangul);"
                " written_in: names their language where it is not that of the answer"
            )


def read(path: Path) -> Prompt:
    """The prompt of a file, which is named by its id.

    Raises:
        BadInput: the file cannot be read or used; says why.
    """
    try:
        text = path.read_text(encoding="utf-8")
        header, body = recorded.parts(text)
        made = Prompt(**_fields(header), body=body, text=text)
        if made.id != path.stem:
            raise BadInput(f"its id is '{made.id}'; call the file {made.id}.md")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read prompt {path}: {error}") from error
    except (BadInput, UnknownName) as error:
        raise type(error)(f"prompt {path}: {error}") from error
    return made


def library(folder: str = "") -> dict[str, Path]:
    """Prompt files by id: the shipped ones, and over them those of a folder of one's own.

    Raises:
        BadInput: no such folder, or two files of one name in it.
    """
    found = {Path(name).name: path for name, path in project.files(FOLDER, ".md").items()}
    if not folder:
        return found
    if not Path(folder).is_dir():
        raise BadInput(f"prompt_folder={folder} is not a folder")
    own: dict[str, Path] = {}
    for path in sorted(Path(folder).rglob("*.md")):
        if path.stem in own:
            raise BadInput(f"two prompts have the id '{path.stem}': {own[path.stem]} and {path}")
        own[path.stem] = path
    return found | own


def _fields(header: Mapping[str, Any]) -> dict[str, Any]:
    """The header's values as the fields of `Prompt`."""
    known = [name for name in Prompt.__dataclass_fields__ if name not in ("body", "text")]
    for name in header:
        if name not in known:
            raise unknown("header field", str(name), known)
    for name in _NEEDED:
        if header.get(name) in (None, ""):
            raise BadInput(f"its header has no {name}")
    if type(header["version"]) is not int:
        raise BadInput(f"version {header['version']!r} is not a whole number")
    parameters = header.get("parameters") or {}
    if not isinstance(parameters, dict) or not all(
        isinstance(values, list) for values in parameters.values()
    ):
        raise BadInput("parameters must be names with lists, such as 'audience: [a, b]'")
    made = {name: str(value).strip() for name, value in header.items() if value is not None}
    lists = {name: tuple(map(str, values)) for name, values in parameters.items()}
    return made | {"version": header["version"], "parameters": MappingProxyType(lists)}


def _placeholders(text: str, where: str) -> set[str]:
    template = Template(text)
    if not template.is_valid():
        raise BadInput(f"its {where} holds a $ that begins no placeholder; write $$ for a dollar")
    return set(template.get_identifiers())
