"""A lake's perplexity models: the n-gram model of a name, and the percentiles of each language.

One file each, <lake>/perplexity/NAME/model.ngrams, written whole or not at all.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kormo_ds.errors import unknown
from kormo_ds.text import pieces, words
from kormo_ds.text.ngram_model import NgramModel

if TYPE_CHECKING:
    from lake import Lake

FOLDER, FILE = "perplexity", "model.ngrams"
N_BINS = 100


@dataclass(frozen=True)
class PerplexityModel:
    """What can be asked for the perplexity of a text and its percentile."""

    name: str
    ngrams: NgramModel
    facts: dict[str, Any]
    """What it was trained on."""
    edges: dict[str, np.ndarray]
    """For each language, the percentiles 1 to 99 of documents held out of training, float64."""
    digest: str
    """SHA-256 of the file."""

    def perplexities(self, texts: pa.Array, boundaries: pa.ListArray) -> np.ndarray:
        """The perplexity a piece of each text, float64 [n]; 0 for a text without a piece."""
        return self.ngrams.perplexities(*pieces.of_words(texts, boundaries))

    def bin(self, lang: str, perplexity: np.ndarray) -> np.ndarray:
        """The percentile, 0 to 99, among the language's documents; int64."""
        return self.edges[lang].searchsorted(perplexity, side="right")

    def to_bytes(self) -> bytes:
        """The file's content."""
        edges = {lang: found.tolist() for lang, found in self.edges.items()}
        return self.ngrams.to_bytes({"facts": self.facts, "edges": edges})


def percentiles(perplexities: np.ndarray) -> np.ndarray:
    """The edges between `N_BINS` bins that hold equally many of them, float64 [99]."""
    edges: np.ndarray = np.quantile(perplexities, np.arange(1, N_BINS) / N_BINS)
    return edges


def of_texts(ngrams: NgramModel, texts: pa.Array) -> np.ndarray:
    """The perplexity of each text by a model without a name."""
    return ngrams.perplexities(*pieces.of_words(texts, words.boundaries(texts)))


def parse(content: bytes, name: str) -> PerplexityModel:
    """The model in the bytes of a file.

    Raises:
        Damaged: cut off, changed, or no such file.
    """
    ngrams, header = NgramModel.from_bytes(content, f"perplexity model '{name}'")
    edges = {lang: np.array(found) for lang, found in header["edges"].items()}
    digest = hashlib.sha256(content).hexdigest()
    return PerplexityModel(name, ngrams, header["facts"], edges, digest)


def load(folder: str) -> PerplexityModel:
    """The model in a folder that has its name; a path or a URI.

    Raises:
        UnknownName: there is none.
        Damaged: its file is not what was written.
    """
    from lake import files

    name = folder.rstrip("/").rsplit("/", 1)[-1]
    try:
        content = files.read_bytes(f"{folder.rstrip('/')}/{FILE}")
    except (FileNotFoundError, NotADirectoryError):
        raise unknown("perplexity model", folder, [], f"a folder with {FILE} is one") from None
    return parse(content, name)


def names(lk: "Lake") -> list[str]:
    """The models of a lake, sorted."""
    from lake import files

    folders = files.names(lk.path(FOLDER))
    return [name for name in folders if files.exists(lk.path(FOLDER, name, FILE))]


def folder(lk: "Lake", name: str) -> str:
    """Where the lake has the model of that name.

    Raises:
        UnknownName: with those that the lake has, and the command that trains one.
    """
    if name not in names(lk):
        hint = f"train it with: kormo perplexity train {name} mixture=NAME@VERSION"
        raise unknown("perplexity model", name, names(lk), hint)
    return lk.path(FOLDER, name)
