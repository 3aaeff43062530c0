"""`synthetic`: is what a model wrote an answer, whole, in the language asked for, in its own words?

Looked at is the text, or of a conversation the last answer. It is compared with the seed, which the
lake holds under `parent_id`, and with the prompt, which `kormo synthesize` kept in the lake. What
no model wrote is `kept`, at no cost. The rest takes about 0.13 s a megabyte, most of it the
language.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.errors import BadConfig
from kormo_ds.recorded import prompts
from kormo_ds.steps.language import Language
from kormo_ds.steps.language_codes import UNDETERMINED, short
from kormo_ds.steps.refusals import Refusals
from kormo_ds.steps.refusals import read as read_refusals
from kormo_ds.steps.step import Step
from kormo_ds.steps.thresholds import ratio, reason
from lake import Column

if TYPE_CHECKING:
    from kormo_ds.steps.parents import Parents
    from lake import Lake

_NAME = re.compile(r"\w+@\d+")


@dataclass(frozen=True)
class Synthetic(Step):
    """Checks of documents that a model wrote."""

    min_words: int = 20
    """An output of fewer plain words is `too_short`; the answer of a conversation never is."""
    copy_ngram: int = 5
    """Plain words of the n-grams that are looked for in the seed."""
    max_copy: float = 0.5
    """With more of its n-grams in the seed an output is a `copy_of_seed`."""
    leak_ngram: int = 6
    """Plain words of the n-grams that are looked for in the prompt."""
    max_leak: float = 0.0
    """With more of its n-grams in the prompt an output is a `prompt_leak`."""
    refusals: str = "ko,en"
    """Names of lists in ds_configs/refusal, or paths of .yaml files, parted by commas."""
    refusal_chars: int = 150
    """Characters at the beginning in which a refusal is looked for."""
    model: str = ""
    """Path of another fastText model of languages; empty for lid.176.ftz."""
    min_score: float = 0.5
    """Below this the language is `und`, and not a wrong one."""

    name: ClassVar = "synthetic"
    reads: ClassVar = (
        "text_clean", "messages", "lang", "parent_id", "synthesizer", "prompt_id", "meta",
    )  # fmt: skip
    columns: ClassVar = (
        Column("synthetic_words", pa.int32(), "plain words of the output; 0 where no model wrote"),
        Column(
            "synthetic_lang",
            pa.string(),
            "likeliest language of the output; und where it cannot be told, empty where no model "
            "wrote",
        ),
        Column(
            "synthetic_reasoning_lang",
            pa.string(),
            "the same of the thoughts before the answer; empty where there are none",
        ),
        Column(
            "synthetic_copy_frac",
            pa.float64(),
            "share of the output's n-grams that the seed has",
            bins=tuple(tenth / 10 for tenth in range(11)),
        ),
        Column(
            "synthetic_leak_frac", pa.float64(), "share of the output's n-grams that the prompt has"
        ),
        Column(
            "synthetic_refusal", pa.string(), "what refuses at the beginning; empty for nothing"
        ),
        Column(
            "synthetic_truncated",
            pa.bool_(),
            "whether the answer was cut at its longest, or stops in a sentence or in code",
        ),
        Column(
            "synthetic_reason",
            pa.string(),
            "kept, empty, refusal, wrong_language, wrong_reasoning_language, too_short, "
            "prompt_leak, copy_of_seed or truncated",
        ),
    )

    def __post_init__(self) -> None:
        if self.min_words < 0:
            raise BadConfig(f"synthetic.min_words={self.min_words} is no length; give 0 or more")
        for name in ("copy_ngram", "leak_ngram", "refusal_chars"):
            if getattr(self, name) < 1:
                raise BadConfig(f"synthetic.{name}={getattr(self, name)} finds nothing; give 1 up")
        for name in ("max_copy", "max_leak", "min_score"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadConfig(f"synthetic.{name}={getattr(self, name)} is no share; give 0 to 1")

    @property
    def fingerprint(self) -> str:
        """Of the patterns and of the language model, not of the files' names."""
        numbers = (self.min_words, self.copy_ngram, self.max_copy, self.leak_ngram, self.max_leak)
        return lake.fingerprint(
            self.name, self.version, numbers, self._language.fingerprint,
            self._refusals.patterns, self.refusal_chars,
        )  # fmt: skip

    @property
    def _language(self) -> Language:
        return Language(self.model, self.min_score)

    @property
    def _refusals(self) -> Refusals:
        return read_refusals(self.refusals, self.refusal_chars)

    def at(self, lk: "Lake") -> Self:
        """With the seeds that the lake holds now, and the prompts that were kept in it.

        Raises:
            UnknownName, BadInput, BadConfig: a list of refusals or a model that cannot be used.
        """
        from kormo_ds.steps.parents import Parents

        self._language.at(lk)
        assert self._refusals
        return cast(Self, _WithSeeds(**asdict(self), lk=lk, parents=Parents(lk)))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Needs the seeds: `at` gives the step that has them."""
        raise BadConfig("synthetic has no seeds yet; Synthetic().at(lake) looks them up")


@dataclass(frozen=True)
class _WithSeeds(Synthetic):
    """The step with what it compares with."""

    lk: "Lake" = field(kw_only=True, compare=False, repr=False)
    parents: "Parents" = field(kw_only=True, compare=False, repr=False)

    @cached_property
    def _prompts(self) -> dict[str, "_Asked"]:
        """The prompts of the lake's documents, by their names; those that were kept in it."""
        rows = self.lk.sql(
            "select distinct prompt_id from documents "
            "where synthesizer is not null and prompt_id is not null"
        ).fetchall()
        names = [name for (name,) in rows if _NAME.fullmatch(name)]
        texts = {name: prompts.read(self.lk, name) for name in names}
        return {name: _Asked.of(text) for name, text in texts.items() if text is not None}

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """All columns; computed for what a model wrote, put among the neutral ones of the rest."""
        is_written = pc.is_valid(batch.column("synthesizer"))
        places = np.flatnonzero(is_written.to_numpy(zero_copy_only=False))
        columns: list[pa.Array] = []
        found = self._checked(batch.take(pa.array(places))) if len(places) else [None] * 8
        index = np.full(len(batch), -1)
        index[places] = np.arange(len(places))
        at = pa.array(index, mask=index < 0)
        for column, neutral, values in zip(self.writes, _NEUTRAL, found, strict=True):
            rest = pa.scalar(neutral, column.type)
            if values is None:
                columns.append(pa.repeat(rest, len(batch)))
            else:
                columns.append(pc.if_else(is_written, values.cast(column.type).take(at), rest))
        return self.written(*columns)

    def _checked(self, batch: pa.RecordBatch) -> list[pa.Array]:
        """The columns of documents that a model wrote."""
        from kormo_ds.text.ending import is_cut_off

        asked = [self._prompts.get(name or "") for name in batch.column("prompt_id").to_pylist()]
        turns = [_last_answer(said) for said in batch.column("messages").to_pylist()]
        texts = [
            text if turn is None else turn.get("content") or ""
            for text, turn in zip(batch.column("text_clean").to_pylist(), turns, strict=True)
        ]
        thoughts = [(turn or {}).get("reasoning") or "" for turn in turns]
        n_words, copies, leaks = self._compared(texts, batch.column("parent_id"), asked)
        languages, thinking = self._languages(texts), self._languages(thoughts)
        refused = [self._refusals.found(text) for text in texts]
        finishes = [_finish(meta) for meta in batch.column("meta").to_pylist()]
        cut = [f == "length" or is_cut_off(t) for f, t in zip(finishes, texts, strict=True)]
        wanted = [short(lang or "") for lang in batch.column("lang").to_pylist()]
        reasoned = [prompt.reasoning if prompt else "" for prompt in asked]
        rules = {
            "empty": n_words == 0,
            "refusal": np.array([bool(phrase) for phrase in refused]),
            "wrong_language": _differ(languages, wanted),
            "wrong_reasoning_language": _differ(thinking, reasoned),
            "too_short": (n_words < self.min_words) & np.array([turn is None for turn in turns]),
            "prompt_leak": leaks > self.max_leak,
            "copy_of_seed": copies > self.max_copy,
            "truncated": np.array(cut),
        }
        lists = (languages, thinking)
        return [
            pa.array(n_words), *(pa.array(found, pa.string()) for found in lists),
            pa.array(copies), pa.array(leaks), pa.array(refused, pa.string()), pa.array(cut),
            reason(rules),
        ]  # fmt: skip

    def _compared(
        self, texts: list[str], parents: pa.Array, asked: list["_Asked | None"]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Plain words of each text, and the shares of its n-grams in seed and prompt."""
        from kormo_ds.text import shared_ngrams

        own = hashes(pa.array(texts, pa.string()))
        seeds = hashes(pc.utf8_normalize(self.parents.texts(parents), "NFC"))
        said = pa.array([prompt.words if prompt else [] for prompt in asked], own.type)
        n_words = pc.list_value_length(own).to_numpy(zero_copy_only=False)
        copies = ratio(*shared_ngrams.counts(own, seeds, self.copy_ngram))
        leaks = ratio(*shared_ngrams.counts(own, said, self.leak_ngram))
        return n_words, copies, leaks

    def _languages(self, texts: list[str]) -> list[str]:
        """The language of each text; '' for none."""
        wanted = [i for i, text in enumerate(texts) if text]
        found = [""] * len(texts)
        for i, (language, score) in zip(
            wanted, self._language.detect([texts[i] for i in wanted]), strict=True
        ):
            found[i] = language if score >= self.min_score else UNDETERMINED
        return found


@dataclass(frozen=True)
class _Asked:
    """What is known of a prompt that was kept."""

    words: np.ndarray
    """Hashes of its own plain words, uint64."""
    reasoning: str
    """Language of the thoughts that it asks for; '' for any."""

    @classmethod
    def of(cls, text: str) -> "_Asked":
        header, _ = prompts.parts(text)
        said = pc.utf8_normalize(pa.array([prompts.instructions(text)]), "NFC")
        return cls(hashes(said).values.to_numpy(), str(header.get("reasoning") or ""))


_NEUTRAL = (0, "", "", 0.0, 0.0, "", False, "kept")
"""The columns of what no model wrote."""


def hashes(texts: pa.Array) -> pa.ListArray:
    """The hashes of plain words of texts."""
    from kormo_ds.text import plain_words, words

    return plain_words.hashes(texts, words.boundaries(texts))


def _last_answer(turns: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    answers = [turn for turn in turns or () if turn["role"] == "assistant"]
    return answers[-1] if answers else None


def _finish(meta: str | None) -> str:
    """The `finish_reason` in a document's meta; '' where there is none."""
    if not meta or '"finish_reason"' not in meta:
        return ""
    try:
        said = json.loads(meta)
    except ValueError:
        return ""
    return str(said.get("finish_reason") or "") if isinstance(said, dict) else ""


def _differ(found: list[str], wanted: list[str]) -> np.ndarray:
    """Where a language is known, asked for, and another one."""
    return np.array(
        [bool(w and f) and f not in (w, UNDETERMINED) for f, w in zip(found, wanted, strict=True)]
    )
