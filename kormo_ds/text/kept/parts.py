"""The parts of a text that stand for themselves, found from left to right and never in each other.

    code         fenced blocks (``` or ~~~), `inline code`
    formula      LaTeX in brackets or parentheses with backslashes, between begin and end, in two
                 dollars, and in one line between single ones by pandoc's rule: no white space
                 inside, no letter or digit behind ($5 and $10 is none)
    url          http(s) addresses, targets of Markdown links and of their definitions
    placeholder  {name}, {{name}}, %s, %(name)s, and what stands for personal data ([EMAIL])
    tag          HTML and XML tags and comments

What is opened and never closed is no part: a text that lost a fence would be nothing but code. Code
that is only indented is not told from text, and brackets with backslashes hold a formula only if it
looks like one, since Markdown writes brackets so. Each closing mark is searched once, so the time
grows with the length of the text alone, whatever stands in it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

CODE, FORMULA, URL, PLACEHOLDER, TAG = "code", "formula", "url", "placeholder", "tag"
KINDS = (CODE, FORMULA, URL, PLACEHOLDER, TAG)

_LONGEST_FORMULA, _LONGEST_LINE = 5_000, 500
_OPENING = re.compile(
    r"""
    ^[ \t>]* (?:(?:[-*+]|\d{1,9}[.)])[ \t]+)? (?P<fence>`{3,8}(?=[^`\n]*$)|~{3,8}) .*$
  | (?P<ticks>`+)
  | (?P<math>\$\$ | \\\[ | \\\( | \\begin\{\w+\*?\} | (?<![\\$A-Za-z0-9_])\$(?![\s$]))
  | (?P<comment><!--)
  | (?P<url>
        https?://[^\s<>"'`\\|\]){}\u0080-\U0010ffff]+ (?<![.,:;!?*_])
      | (?<=\]\() <? [^\s()<>]+ (?:\([^\s()]*\)[^\s()<>]*)* (?=[\s>)])
      | ^[ ]{0,3}\[[^\]\n]+\]:[ \t]+ (?P<target>\S+)
    )
  | (?P<placeholder>
        \{\{?[ ]?[A-Za-z_][\w.]*[ ]?\}?\} | %\(\w+\)[sdrf] | (?<![%\w])%[sdrf]\b
      | \[(?:EMAIL|IP|PHONE|RRN|BRN|CARD)\]
    )
  | (?P<tag></?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>)
    """,
    re.VERBOSE | re.MULTILINE,
)
_CLOSING = {"$$": r"\$\$", r"\[": r"\\\]", r"\(": r"\\\)", "<!--": "-->"}
_CLOSING["$"] = r"(?<![\s\\$])\$(?![A-Za-z0-9$({])"
_DOLLAR = re.compile(r"(?<!\\)\$")
_BLANK_LINE = r"\n[ \t]*\n|\Z"
_SIGN = re.compile(r"[\^_=+<>/]|\\[A-Za-z]")
_WORD = re.compile(r"[A-Za-z가-힣]{3}")
_LOCALE = re.compile(r"/(?:en|ko)(?:-(?:us|kr))?(?=/|$)", re.IGNORECASE)
_INDENT = re.compile(r"\n[ \t>]+")


class Part(NamedTuple):
    """A part of a text: `text[start:end]`, and which sort it is."""

    kind: str
    start: int
    end: int


def parts(text: str) -> Iterator[Part]:
    r"""The parts of `text` in their order.

    >>> text = "`f(x)`는 $x^2$입니다."
    >>> [text[part.start : part.end] for part in parts(text)]
    ['`f(x)`', '$x^2$']
    """
    closings = _Closings(text)
    at = 0
    while (opened := _OPENING.search(text, at)) is not None:
        kind, end = _whole(text, opened, closings)
        if end is None:
            at = opened.end("fence") if opened["fence"] else opened.end()
            continue
        start = opened.start("target") if opened["target"] else opened.start()
        if opened["fence"]:
            start = opened.start("fence")
        yield Part(kind, start, end)
        at = end


def spelled(kind: str, part: str) -> str:
    r"""What of a part must be the same.

    A tag's name alone, code without its block's indent, an address without its language (/en-us/).

    >>> spelled("tag", '<abbr title="three letters">')
    '<abbr>'
    """
    if kind == TAG:
        return "<!-->" if part.startswith("<!") else re.split(r"[\s/>]", part.rstrip("/>"))[0] + ">"
    if kind == URL:
        return _LOCALE.sub("", part)
    return _INDENT.sub("\n", part.strip()) if kind == CODE else part


class _Closings:
    """Where closing marks are; each is searched once."""

    def __init__(self, text: str):
        self._text = text
        self._found: dict[str, re.Match[str] | None] = {}

    def after(self, pattern: str, at: int) -> re.Match[str] | None:
        """The first match of `pattern` that begins at `at` or later; `at` never decreases."""
        known = self._found.get(pattern)
        if pattern not in self._found or (known is not None and known.start() < at):
            known = re.compile(pattern, re.MULTILINE).search(self._text, at)
            self._found[pattern] = known
        return known


def _whole(text: str, opened: re.Match[str], closings: _Closings) -> tuple[str, int | None]:
    """The kind of what was opened, and its end; None if it is no part."""
    at = opened.end()
    if fence := opened["fence"]:
        return CODE, _end(closings.after(rf"^[ \t>]*{fence[0]}{{{len(fence)},}}(?=[ \t]*$)", at))
    if ticks := opened["ticks"]:
        closed = closings.after(rf"(?<!`)`{{{len(ticks)}}}(?!`)", at) if len(ticks) <= 8 else None
        if closed is None or closed.start() == at:
            return CODE, None
        border = closings.after(_BLANK_LINE, at)
        return CODE, closed.end() if border and closed.end() <= border.start() else None
    if math := opened["math"]:
        return FORMULA, _formula(text, math, opened, closings)
    if opened["comment"]:
        return TAG, _end(closings.after(_CLOSING["<!--"], at))
    kind = next(kind for kind in (URL, PLACEHOLDER, TAG) if opened[kind])
    return kind, at


def _formula(text: str, math: str, opened: re.Match[str], closings: _Closings) -> int | None:
    at = opened.end()
    pattern = _CLOSING.get(math) or re.escape(math.replace(r"\begin", r"\end"))
    closed = closings.after(pattern, at)
    if closed is None or closed.start() == at:
        return None
    inside = slice(at, closed.start())
    if math == "$":
        if closed.start() - at > _LONGEST_LINE or _DOLLAR.search(text[inside]):
            return None
        return None if "\n" in text[inside] or "`" in text[inside] else closed.end()
    if closed.start() - at > _LONGEST_FORMULA or math in text[inside]:
        return None
    if math in (r"\[", r"\("):
        said = text[inside]
        return closed.end() if _SIGN.search(said) or not _WORD.search(said) else None
    return closed.end()


def _end(closed: re.Match[str] | None) -> int | None:
    return None if closed is None else closed.end()
