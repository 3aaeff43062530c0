"""The Markdown structure of a text as counts: headings by level, list items, table rows, links."""

import re
from collections import Counter

_LINE = re.compile(
    r"^[ \t>]*(?:(?P<heading>\#{1,6})[ \t]+\S|(?P<bullet>[-*+])[ \t]+\S"
    r"|(?P<number>\d{1,9}[.)])[ \t]+\S|(?P<row>\|.*\|)[ \t]*$)",
    re.MULTILINE,
)
_CELL_END = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"(?P<image>!)?\[[^\]]*\](?=\(|\[)")
_LIST_NUMBER = re.compile(r"^([ \t>]*)\d{1,9}[.)][ \t]+(?=\S)", re.MULTILINE)


def structure(prose: str) -> Counter[str]:
    r"""How many of each element a text has, whose code is blanked out.

    >>> sorted(structure("# A\n\n- see [b](c)\n| 1 | 2 |\n").items())
    [('#', 1), ('-', 1), ('[]()', 1), ('| 2', 1)]
    """
    found: Counter[str] = Counter()
    for match in _LINE.finditer(prose):
        if match["heading"]:
            found[match["heading"]] += 1
        elif match["row"]:
            found[f"| {len(_CELL_END.findall(match['row'])) - 1}"] += 1
        else:
            found["-" if match["bullet"] else "1."] += 1
    for match in _LINK.finditer(prose):
        found["![]()" if match["image"] else "[]()"] += 1
    return found


def without_list_numbers(prose: str) -> str:
    """A text without the numbers of its list items, which say nothing but their order."""
    return _LIST_NUMBER.sub(r"\1", prose)
