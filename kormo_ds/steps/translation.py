"""`translation`: a translated document beside the one that it was made from.

Code, formulas, numbers and mark-up must be the same ones (`kormo_ds.text.kept` says what is read
and how numbers are compared); the text must be in its language, as long as translations are, and
not left as it was. The parent's text is its final text by the steps that ran before, which is what
`kormo translate` reads. Parents are found by one join when the step begins and read a batch at a
time; comparing costs about 0.3 s a megabyte of both texts.
"""

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import pyarrow as pa

import lake
from kormo_ds.documents.translated import SOURCE_REASONING, translated_parts
from kormo_ds.errors import BadConfig
from kormo_ds.steps.language import Language
from kormo_ds.steps.language_codes import UNDETERMINED, short
from kormo_ds.steps.step import Step
from lake import Column

if TYPE_CHECKING:
    from kormo_ds.steps.parents import Parents
    from kormo_ds.text.kept.compare import Compared
    from lake import Lake

_SHARE = "share of {} that source and translation have alike; -1: no translation, or no parent"
_NOTHING = (*[-1.0] * 6, "")
"""What all columns but the reason say where there is nothing to compare."""


@dataclass(frozen=True)
class Translation(Step):
    """What a translation kept of its source, and the reason against it."""

    min_code: float = 1.0
    """A smaller share of code that is alike is `lost_code`."""
    min_formulas: float = 1.0
    """A smaller share of formulas is `lost_formulas`."""
    min_numbers: float = 1.0
    """A smaller share of numbers is `changed_numbers`."""
    min_markup: float = 1.0
    """A smaller share of headings, items, rows, links, tags and placeholders is `lost_markup`."""
    max_untranslated: float = 0.1
    """More of the source's sequences of four words is `untranslated`."""
    min_length: float = 0.35
    """Fewer Korean characters for each English one are `too_short` in Korean."""
    max_length: float = 0.9
    """More of them are `too_long` in Korean; both are turned round for English."""
    min_chars: int = 100
    """A source of less prose is judged neither by its length nor by its language."""

    name: ClassVar = "translation"
    reads: ClassVar = ("text", "messages", "parent_id", "lang", "origin", "meta")
    columns: ClassVar = (
        Column("translation_code_kept", pa.float32(), _SHARE.format("code")),
        Column("translation_formulas_kept", pa.float32(), _SHARE.format("formulas")),
        Column("translation_numbers_kept", pa.float32(), _SHARE.format("numbers")),
        Column("translation_markup_kept", pa.float32(), _SHARE.format("mark-up")),
        Column(
            "translation_untranslated",
            pa.float32(),
            "share of the source's sequences of four words that are left in it; -1 as before",
        ),
        Column(
            "translation_length_ratio",
            pa.float32(),
            "characters of prose for each of the source's; -1 as before",
        ),
        Column("translation_lang", pa.string(), "likeliest language of its prose; empty as before"),
        Column(
            "translation_reason",
            pa.string(),
            "kept, no_parent, turns_differ, wrong_language, untranslated, lost_code, "
            "lost_formulas, changed_numbers, lost_markup, too_short or too_long",
        ),
    )

    def __post_init__(self) -> None:
        shares = ("min_code", "min_formulas", "min_numbers", "min_markup", "max_untranslated")
        for name in shares:
            if not 0 <= getattr(self, name) <= 1:
                raise BadConfig(
                    f"translation.{name}={getattr(self, name)} is no share; give 0 to 1"
                )
        if not 0 < self.min_length < self.max_length:
            raise BadConfig(
                f"translation.min_length={self.min_length} and translation.max_length="
                f"{self.max_length} leave no length; give 0 < min_length < max_length"
            )

    @property
    def fingerprint(self) -> str:
        """Of the numbers, and of the model that tells languages."""
        numbers = self._numbers()
        return lake.fingerprint(self.name, self.version, numbers, Language().fingerprint)

    def at(self, lk: "Lake") -> Self:
        """With the parents of the translated documents that the lake holds now."""
        from kormo_ds.steps.parents import TRANSLATED, Parents

        return cast(Self, _WithParents(**self._numbers(), parents=Parents(lk, TRANSLATED)))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Needs the parents: `at` gives the step that has them."""
        raise BadConfig("translation has no parents yet; Translation().at(lake) looks them up")

    def _numbers(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(Translation)}

    def _reason(self, compared: "Compared", n_chars: int, lang: str, detected: str) -> str:
        judged = n_chars >= self.min_chars
        low, high = self.min_length, self.max_length
        if lang != "ko":
            low, high = 1 / high, 1 / low
        against = {
            "wrong_language": judged and detected not in (lang, UNDETERMINED),
            "untranslated": compared.untranslated > self.max_untranslated,
            "lost_code": compared.code < self.min_code,
            "lost_formulas": compared.formulas < self.min_formulas,
            "changed_numbers": compared.numbers < self.min_numbers,
            "lost_markup": compared.markup < self.min_markup,
            "too_short": judged and compared.length_ratio < low,
            "too_long": judged and compared.length_ratio > high,
        }
        return next((reason for reason, holds in against.items() if holds), "kept")


@dataclass(frozen=True)
class _WithParents(Translation):
    """The step with what finds the parents."""

    parents: "Parents" = field(kw_only=True, compare=False, repr=False)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The shares, the language and the reason."""
        documents = batch.to_pylist()
        translated = [row for row in documents if row["origin"] == "translated"]
        parents = self._parents([row["parent_id"] for row in translated])
        judged = iter(self._judged(translated, parents))
        found = [
            next(judged) if row["origin"] == "translated" else (*_NOTHING, "kept")
            for row in documents
        ]
        columns = zip(*found, strict=True)
        kinds = [column.type for column in self.columns]
        return self.written(*map(pa.array, map(list, columns), kinds))

    def _parents(self, ids: list[str | None]) -> list[dict[str, Any] | None]:
        """The parent of each document, with its text as translation read it."""
        from kormo_ds.text import final

        columns = ["text", "messages", *final.needed(self.parents.names)]
        columns += ["text_clean"] if "text_clean" in self.parents.names else []
        read, places = self.parents.read(pa.array(ids, pa.string()), columns)
        texts, messages = final.readable(read), read["messages"].to_pylist()
        return [
            None if place is None else {"text": texts[place], "messages": messages[place]}
            for place in places.to_pylist()
        ]

    def _judged(
        self, documents: list[dict[str, Any]], parents: list[dict[str, Any] | None]
    ) -> list[tuple[Any, ...]]:
        """The columns of translated documents."""
        from kormo_ds.text.kept.compare import compare, find

        pairs = [
            _turns(document, parent) if parent is not None else "no_parent"
            for document, parent in zip(documents, parents, strict=True)
        ]
        found = [(find(p[0]), find(p[1])) if isinstance(p, tuple) else None for p in pairs]
        prose = [both[1].prose if both else "" for both in found]
        languages = [language for language, _ in Language().detect(prose)]
        made: list[tuple[Any, ...]] = []
        for document, pair, both, language in zip(documents, pairs, found, languages, strict=True):
            if both is None:
                made.append((*_NOTHING, pair))
                continue
            one = compare(*both)
            n_chars = len(both[0].prose)
            made.append(
                (
                    one.code,
                    one.formulas,
                    one.numbers,
                    one.markup,
                    one.untranslated,
                    one.length_ratio,
                    language,
                    self._reason(one, n_chars, short(document["lang"] or ""), language),
                )
            )
        return made


def _turns(document: dict[str, Any], parent: dict[str, Any]) -> tuple[str, str] | str:
    """Source and translation as texts, or the reason why they are no pair.

    Reasoning that was left in its language must be the parent's own, and is not compared.
    """
    if not document["messages"] or not parent["messages"]:
        return parent["text"], document["text"] or ""
    ours, theirs = parent["messages"], document["messages"]
    if [turn["role"] for turn in ours] != [turn["role"] for turn in theirs]:
        return "turns_differ"
    if [bool(turn["reasoning"]) for turn in ours] != [bool(turn["reasoning"]) for turn in theirs]:
        return "turns_differ"
    kept = document["meta"] == SOURCE_REASONING
    if kept and [turn["reasoning"] for turn in ours] != [turn["reasoning"] for turn in theirs]:
        return "turns_differ"
    source, translation = (translated_parts(turns, not kept) for turns in (ours, theirs))
    return "\n\n".join(source), "\n\n".join(translation)
