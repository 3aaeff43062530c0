"""A translation beside its source: what was kept, as shares, and how long it is.

A share is of the parts that are the same in both, of those of the text that has more: a part that
was lost, changed, doubled or invented lowers it. It is 1 where neither text has any.
"""

from collections import Counter
from dataclasses import dataclass

from kormo_ds.text.kept import markup, numbers
from kormo_ds.text.kept.parts import CODE, FORMULA, parts, spelled

_NGRAM = 4


@dataclass(frozen=True)
class Found:
    """What a text holds."""

    kinds: dict[str, Counter[str]]
    """Parts by their kind, as `spelled`."""
    structure: Counter[str]
    prose: str
    """The text with a space, and its line ends, in the place of each part."""


@dataclass(frozen=True)
class Compared:
    """Shares from 0 to 1, and the ratio of lengths."""

    code: float
    formulas: float
    markup: float
    """Structure, addresses, placeholders and tags."""
    numbers: float
    length_ratio: float
    """Characters of prose without white space, of the translation for each of the source."""
    untranslated: float
    """Sequences of 4 words of the source's prose that the translation has too, of the source's."""


def find(text: str) -> Found:
    """The parts of a text, its structure, and the rest."""
    kinds: dict[str, Counter[str]] = {}
    pieces, at = [], 0
    for part in parts(text):
        inside = text[part.start : part.end]
        kinds.setdefault(part.kind, Counter())[spelled(part.kind, inside)] += 1
        pieces += [text[at : part.start], " " + "\n" * inside.count("\n")]
        at = part.end
    prose = "".join([*pieces, text[at:]])
    return Found(kinds, markup.structure(prose), markup.without_list_numbers(prose))


def compare(source: Found, translation: Found) -> Compared:
    """What a translation kept of its source."""
    same, ours, theirs = numbers.matched(source.prose, translation.prose)
    other = [kind for kind in {*source.kinds, *translation.kinds} if kind not in (CODE, FORMULA)]
    left, right = (Counter(found.structure) for found in (source, translation))
    for kind in other:
        for found, into in ((source, left), (translation, right)):
            into.update({f"{kind} {k}": n for k, n in found.kinds.get(kind, Counter()).items()})
    return Compared(
        code=_share(source.kinds.get(CODE), translation.kinds.get(CODE)),
        formulas=_share(source.kinds.get(FORMULA), translation.kinds.get(FORMULA)),
        markup=_share(left, right),
        numbers=same / max(ours, theirs) if max(ours, theirs) else 1.0,
        length_ratio=_length(translation) / _length(source) if _length(source) else 1.0,
        untranslated=_untranslated(source.prose, translation.prose),
    )


def _share(ours: Counter[str] | None, theirs: Counter[str] | None) -> float:
    ours, theirs = ours or Counter(), theirs or Counter()
    most = max(ours.total(), theirs.total())
    return (ours & theirs).total() / most if most else 1.0


def _length(found: Found) -> int:
    return sum(map(len, found.prose.split()))


def _untranslated(source: str, translation: str) -> float:
    ours, theirs = _ngrams(source), set(_ngrams(translation))
    return sum(ngram in theirs for ngram in ours) / len(ours) if ours else 0.0


def _ngrams(prose: str) -> list[tuple[str, ...]]:
    words = [word for word in prose.lower().split() if any(map(str.isalpha, word))]
    return list(zip(*(words[i:] for i in range(_NGRAM)), strict=False))
