"""`lexicon`: how often a document insults, how often it names groups of people, and both together.

Word lists are files of data (ds_configs/lexicon); each stem is spelt out with all its endings once,
so that a Korean word counts with its particles and not inside of another word. Counts are columns;
what is much is for SQL to say. Costs a look-up a word, some 2 ns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pyarrow as pa

import lake
from kormo_ds import project
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.steps.step import Step
from kormo_ds.steps.words import HASHES
from lake import Column

if TYPE_CHECKING:
    from kormo_ds.text.terms import Terms
    from lake import Lake

FOLDER = "ds_configs/lexicon"
LISTS = ("insults", "identity")


@dataclass(frozen=True)
class Lexicon(Step):
    """Insults and terms for groups of people."""

    lists: str = "ko,en"
    """Names of lists in ds_configs/lexicon, or paths of .yaml files, parted by commas."""
    near: int = 5
    """An insult is beside a group's name up to so many words before or after it."""

    name: ClassVar = "lexicon"
    reads: ClassVar = (HASHES,)
    columns: ClassVar = (
        Column("n_insults", pa.int32(), "words that are insults"),
        Column("n_identity", pa.int32(), "words that name groups of people"),
        Column("n_insults_near_identity", pa.int32(), "insults beside a group's name"),
        Column("insults_per_1000", pa.float32(), "insults in 1,000 words, punctuation included"),
        Column("identity_per_1000", pa.float32(), "names of groups in 1,000 words"),
    )

    def __post_init__(self) -> None:
        if self.near < 1:
            raise BadConfig(f"lexicon.near={self.near} is no distance in words; give 1 or more")

    @property
    def fingerprint(self) -> str:
        """Of the words, not of the files' names."""
        return lake.fingerprint(self.name, self.version, _forms(self.lists), self.near)

    def at(self, lk: "Lake") -> Self:
        """Read the lists, so that one that cannot be used is known before anything is written."""
        _terms(self.lists)
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Three counts and two rates; a text without a word has rates of 0."""
        words = batch.column(HASHES)
        counts = _terms(self.lists).count(words, self.near)
        n_words = np.maximum(words.value_lengths().to_numpy(zero_copy_only=False), 1)
        rates = 1000.0 * counts[:, :2] / n_words[:, None]
        return self.written(*(pa.array(column) for column in (*counts.T, *rates.T)))


@cache
def _terms(lists: str) -> "Terms":
    from kormo_ds.text.terms import Terms

    forms = _forms(lists)
    return Terms.of(*(forms[name] for name in LISTS))


@cache
def _forms(lists: str) -> dict[str, list[str]]:
    """All spellings of the words of each list, sorted.

    Raises:
        UnknownName: neither the name of a list nor the path of a file.
        BadInput: a file that is not a list of words.
    """
    import yaml

    found: dict[str, set[str]] = {name: set() for name in LISTS}
    for name in filter(None, (each.strip() for each in lists.split(","))):
        path = project.file("lexicon", name, FOLDER, ".yaml")
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            for kind, words in _spelt(content).items():
                found[kind] |= words
        except (yaml.YAMLError, UnicodeDecodeError, AttributeError, KeyError, TypeError) as error:
            reason = " ".join(str(error).split())
            raise BadInput(
                f"{path} is not a lexicon ({reason}); it needs source, endings and terms.insults "
                "and terms.identity with stems and words, as ds_configs/lexicon/en.yaml"
            ) from error
    if not any(found.values()):
        raise BadConfig(f"lexicon.lists={lists} holds no word; name a list, as ko or en")
    return {name: sorted(words) for name, words in found.items()}


def _spelt(content: dict[str, Any]) -> dict[str, set[str]]:
    if not content["source"].strip():
        raise KeyError("source is empty; say where the words come from")
    endings = ["".join(parts) for parts in product(*content["endings"])]
    return {
        name: {
            spelling
            for form in (
                *(stem + ending for stem in content["terms"][name]["stems"] for ending in endings),
                *content["terms"][name]["words"],
            )
            for spelling in _cases(form)
        }
        for name in LISTS
    }


def _cases(form: str) -> Iterator[str]:
    yield from (form, form.lower(), form.upper(), form[:1].upper() + form[1:])
