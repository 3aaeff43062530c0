"""System prompts that turn reasoning on or off, as files of several alternatives each.

    ---
    id: toggle_think_ko         the file's name
    version: 1                  raised with every change: documents name it in prompt_id
    language: ko
    purpose: …
    ---
    Alternatives, a blank line between.

A model that is trained without reasoning where nothing says so does not begin to reason when it is
asked to (KORMo, arXiv 2510.09426); so each variant says which it is. No toggle spells `<think>`: in
a prompt it would become the token that opens reasoning.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path

from kormo_ds import project
from kormo_ds.errors import BadInput
from kormo_ds.recorded import prompts

FOLDER = "kormo_ds/conversations/toggles"
STYLES = ("think", "no_think")
"""What a toggle asks for; `prompt_style` of the variants that have it."""
_NAME = re.compile(rf"toggle_(?P<style>{'|'.join(STYLES)})_(?P<language>[a-z]{{2,3}})")
_NEEDED = ("id", "version", "language", "purpose")


@dataclass(frozen=True)
class Toggle:
    """The alternatives of one style in one language."""

    id: str
    version: int
    style: str
    language: str
    texts: tuple[str, ...]
    file: str = ""
    """The file as it is."""

    @property
    def name(self) -> str:
        """'ID@VERSION', the `prompt_id` of documents."""
        return f"{self.id}@{self.version}"

    def drawn(self, doc_id: str, seed: int) -> str:
        """The alternative that falls to a document."""
        return self.texts[int(digest(f"{self.style}|{doc_id}", seed), 16) % len(self.texts)]


def digest(what: str, seed: int) -> str:
    """32 hex digits that differ with `what` and `seed`, the same for ever."""
    return md5(f"{what}|{seed}".encode()).hexdigest()


def read(path: Path) -> Toggle:
    """The toggle of a file.

    Raises:
        BadInput: the file cannot be read or used; says why.
    """
    try:
        text = path.read_text(encoding="utf-8")
        header, body = prompts.parts(text)
    except (OSError, UnicodeDecodeError, BadInput) as error:
        raise BadInput(f"cannot read toggle {path}: {error}") from error
    for name in _NEEDED:
        if not header.get(name):
            raise BadInput(f"toggle {path}: its header has no {name}")
    named = _NAME.fullmatch(path.stem)
    if named is None or (header["id"], header["language"]) != (path.stem, named["language"]):
        raise BadInput(
            f"toggle {path}: id '{header['id']}' and language '{header['language']}' must be those "
            "of its name, toggle_think_LANGUAGE.md or toggle_no_think_LANGUAGE.md"
        )
    if type(header["version"]) is not int:
        raise BadInput(f"toggle {path}: version {header['version']!r} is not a whole number")
    texts = tuple(part.strip() for part in re.split(r"\n\s*\n", body) if part.strip())
    if not texts or len(set(texts)) < len(texts):
        raise BadInput(f"toggle {path}: its body needs alternatives, none twice")
    if "<think>" in body or "</think>" in body:
        raise BadInput(
            f"toggle {path} spells a control token, <think> or </think>; say it in words"
        )
    return Toggle(path.stem, header["version"], named["style"], named["language"], texts, text)


def library(folder: str = "") -> dict[tuple[str, str], Toggle]:
    """Toggles by style and language: the shipped ones, or those of a folder of one's own.

    Raises:
        BadInput: no such folder, no toggle in it, or a style without the other in a language.
    """
    if folder and not Path(folder).is_dir():
        raise BadInput(f"toggles={folder} is not a folder")
    shipped = project.files(FOLDER, ".md").values()
    paths = sorted(Path(folder).glob("*.md")) if folder else shipped
    found = {(one.style, one.language): one for one in map(read, paths)}
    languages = {language for _, language in found}
    missing = [
        (style, lang) for lang in languages for style in STYLES if (style, lang) not in found
    ]
    if missing or not found:
        style, language = min(missing, default=("think", "ko"))
        raise BadInput(f"no toggle_{style}_{language}.md in {folder or FOLDER}; each needs both")
    return found


def known(toggles: Mapping[tuple[str, str], Toggle]) -> re.Pattern[str]:
    """Finds a toggle in what a system or user says: one of these, or Qwen's /think, /no_think."""
    texts = {text for one in toggles.values() for text in one.texts}
    whole = "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))
    return re.compile(rf"{whole}|(?<!\S)/(?:no_)?think\b")
