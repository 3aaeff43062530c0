"""A curve as text in the terminal, or as an SVG file: no plotting library is needed.

In text each character is two by four dots of braille.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BLANK = 0x2800


def text(values: Sequence[float], height: int, top: float) -> list[str]:
    """Lines of braille, `height` of them: values from 0 to `top`, two a character, joined up.

    >>> text([0, 1, 2, 3, 3, 3], height=1, top=3)
    ['⡠⠊⠉']
    """
    n_rows = 4 * height
    places = [n_rows - 1 - round(value / top * (n_rows - 1)) for value in values]
    cells = [[0] * -(-len(values) // 2) for _ in range(height)]
    for column, row in _joined(places):
        cells[row // 4][column // 2] |= _DOTS[column % 2][row % 4]
    return ["".join(chr(_BLANK + cell) for cell in line) for line in cells]


def svg(values: Sequence[float], top: float, labels: tuple[str, str, str], title: str) -> str:
    """The same as an SVG of 800 × 400: labels are those of `top`, of 0 and of the right end."""
    left, upper, width, height = 90, 50, 680, 290
    points = " ".join(
        f"{left + width * i / (len(values) - 1):.1f},{upper + height * (1 - value / top):.1f}"
        for i, value in enumerate(values)
    )
    words = [
        (left, 30, "start", title),
        (left - 8, upper + 5, "end", labels[0]),
        (left - 8, upper + height + 5, "end", "0"),
        (left, upper + height + 25, "start", labels[1]),
        (left + width, upper + height + 25, "end", labels[2]),
    ]
    written = "".join(
        f'<text x="{x}" y="{y}" text-anchor="{anchor}">{_escaped(word)}</text>\n'
        for x, y, anchor, word in words
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 400" '
        'font-family="sans-serif" font-size="14">\n<rect width="800" height="400" fill="white"/>\n'
        f'<path d="M{left},{upper} v{height} h{width}" fill="none" stroke="gray"/>\n'
        f'<polyline points="{points}" fill="none" stroke="steelblue" stroke-width="2"/>\n'
        f"{written}</svg>\n"
    )


def write(path: Path, content: str) -> None:
    """Write a file beside its place, then put it there."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(content)
    aside.replace(path)


def _joined(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(column, row) of every dot: each place, and a vertical line from it towards the next."""
    for column, (here, there) in enumerate(pairwise(places)):
        low, high = sorted((here, there - (there > here) + (there < here)))
        yield from ((column, row) for row in range(low, high + 1))
    yield len(places) - 1, places[-1]


def _escaped(word: str) -> str:
    return word.replace("&", "&amp;").replace("<", "&lt;")
