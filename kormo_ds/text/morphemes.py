"""Korean morphemes as words, by Kiwi (kiwipiepy, an optional package): what FineWeb-2 counts.

The words are surfaces, so morphemes that are contracted into one syllable are that syllable twice
(했 for 하 and 었), and a run of 20 or more digits and commas is left out, as datatrove does. Kiwi
promises nothing about threads, so one lock stands around it. Costs about 6 µs a byte (0.17 MB/s),
some thousand times as much as eojeols.
"""

import re
import threading
from functools import cache
from importlib.util import find_spec
from typing import Any

import pyarrow as pa

from kormo_ds.errors import BadConfig

_NUMBERS = re.compile("[0-9,]{20,}")
_LOCK = threading.Lock()


def version() -> str:
    """The version of kiwipiepy, which decides what the morphemes are.

    Raises:
        BadConfig: it is not installed.
    """
    from importlib.metadata import version

    if find_spec("kiwipiepy") is None:
        raise BadConfig(
            "Korean morphemes need the package kiwipiepy; pip install 'kormo-ds[kiwi]', or count "
            "eojeols"
        )
    return version("kiwipiepy")


def of(texts: list[str]) -> list[list[str]]:
    """The surfaces of the morphemes of each text, in order."""
    with _LOCK:
        return [_surfaces(text) for text in texts]


def as_words(found: list[list[str]]) -> tuple[pa.Array, pa.ListArray]:
    """Texts of nothing but morphemes, and their boundaries as `words.boundaries` gives them.

    What counts words over bytes and boundaries so counts morphemes, also those that overlap.
    """
    bounds = []
    for surfaces in found:
        ends = [0] if surfaces else []
        for surface in surfaces:
            ends.append(ends[-1] + len(surface.encode()))
        bounds.append(ends)
    texts = pa.array(["".join(surfaces) for surfaces in found], pa.string())
    return texts, pa.array(bounds, pa.list_(pa.int32()))


def _surfaces(text: str) -> list[str]:
    text = _NUMBERS.sub("", text)
    found = (text[token.start : token.end].strip() for token in _kiwi().tokenize(text))
    return [surface for surface in found if surface]


@cache
def _kiwi() -> Any:
    from kiwipiepy import Kiwi

    return Kiwi(num_workers=1)
