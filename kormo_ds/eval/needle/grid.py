"""The cells of a test: language, form, length and depth, and what settings may be.

A length is that of the model's whole row: the prompt and the reserve for its answer, as in RULER.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kormo_ds.errors import BadInput, unknown

FORMS = ("single", "multikey", "multivalue", "multiquery")
N_NEEDLES = 4
"""Needles of every form but `single`, as in RULER's first variants."""


@dataclass(frozen=True, order=True)
class Cell:
    """One place of the grid in one language and form."""

    lang: str
    form: str
    length: int
    """Tokens of prompt and answer."""
    depth: int
    """Per cent of the haystack before the first needle."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """All cells of a test, each asked `samples` times with other keys, values and texts.

    Raises:
        UnknownName: a form that there is not.
        BadInput: numbers that cannot be; the message says what they may be.
    """

    langs: Sequence[str]
    forms: Sequence[str]
    lengths: Sequence[int]
    depths: Sequence[int]
    samples: int
    max_tokens: int
    """Reserved for the answer."""
    seed: int

    def __post_init__(self) -> None:
        for form in self.forms:
            if form not in FORMS:
                raise unknown("form", form, FORMS)
        for name in ("langs", "forms", "lengths", "depths"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise BadInput(
                    f"{name}={','.join(map(str, values))}: give each value once, one at least"
                )
        for depth in self.depths:
            if not 0 <= depth <= 100:
                raise BadInput(f"depths={depth}: a depth is a per cent of the text, 0 to 100")
        if self.samples < 1 or self.max_tokens < 1:
            raise BadInput(
                f"samples={self.samples}, max_tokens={self.max_tokens}: both are 1 or more"
            )
        if min(self.lengths) <= self.max_tokens:
            raise BadInput(
                f"lengths={min(self.lengths)} holds no text beside the {self.max_tokens} tokens of "
                "the answer; take longer ones, or a smaller max_tokens"
            )

    def check_fits(self, max_positions: int) -> None:
        """Refuse lengths that a model cannot have.

        Raises:
            BadInput: a length above its positions.
        """
        longest = max(self.lengths)
        if longest > max_positions:
            raise BadInput(
                f"lengths={longest} is more than the model's {max_positions} positions "
                f"(model.max_positions); the longest that fits is lengths={max_positions}"
            )

    def cells(self) -> Iterator[Cell]:
        """All of them, the shortest first, so that a first picture is there early."""
        for length in sorted(self.lengths):
            for lang in self.langs:
                for form in self.forms:
                    for depth in sorted(self.depths):
                        yield Cell(lang, form, length, depth)


def numbers(name: str, text: str) -> list[int]:
    """The numbers in a setting such as 'lengths=1024,2048'.

    >>> numbers("lengths", "1024, 2048")
    [1024, 2048]

    Raises:
        BadInput: one of them is no whole number.
    """
    words = [word.strip() for word in text.strip("[]").split(",")]
    if not all(word.isdecimal() for word in words):
        raise BadInput(f"{name}={text}: whole numbers with commas between, e.g. {name}=512,1024")
    return [int(word) for word in words]
