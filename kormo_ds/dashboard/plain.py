"""Text that comes from data, as it is safe to show.

What is not seen is shown: controls, marks that turn the direction of writing, characters of no
width, tags and lone surrogates become `⟨U+202E⟩`. Three that are not seen stay, where they make one
sign of several: the joiner between two emoji, the selector after one, and the filler that holds the
place of a missing letter among Hangul jamo. Flags of regions, whose letters are tags, do not stay.
Of marks stacked on one letter eight stay.
"""

import re

_EMOJI = r"\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
_JOINED = (
    # a joiner between emoji, the first maybe with its selector or a tone of skin
    rf"(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])",
    # a selector of text or emoji, after one or in a keycap
    rf"(?<=[{_EMOJI}])[\ufe0e\ufe0f]",
    r"(?<=[0-9#*])\ufe0f(?=\u20e3)",
    # a missing consonant before a vowel, a missing vowel after a consonant
    r"\u115f(?=[\u1160-\u11a7\ud7b0-\ud7c6])",
    r"(?<=[\u1100-\u115f\ua960-\ua97c])\u1160",
)
_UNSEEN = (
    r"\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\ud800-\udfff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
_KEPT_OR_UNSEEN = re.compile(f"(?P<kept>{'|'.join(_JOINED)})|[{_UNSEEN}]")
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MANY_MARKS = re.compile(f"({_MARK}{{8}}){_MARK}+")
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
_LONGEST_NAME = 80


def visible(text: str | None, lines: bool = False) -> str:
    """A text with what is not seen in it written out; '' for None.

    Args:
        text: any text.
        lines: keep newlines and tabs; else they are written as ↵ and ⇥.
    """

    def shown(match: re.Match[str]) -> str:
        found = match[0]
        if match["kept"] or (lines and found in "\n\t"):
            return found
        return {"\n": "↵", "\t": "⇥"}.get(found, f"⟨U+{ord(found):04X}⟩")

    return _MANY_MARKS.sub(r"\1", _KEPT_OR_UNSEEN.sub(shown, text or ""))


def cut(text: str, n: int) -> str:
    """A text of at most `n` characters, the last of them … where there was more."""
    return text if len(text) <= n else text[: n - 1] + "…"


def literal(text: str | None) -> str:
    """A text that Markdown shows as it is: no link, picture, formula or HTML comes of it."""
    return _MARKDOWN.sub(r"\\\1", visible(text))


def column(name: str) -> str:
    """A column's name for a chart.

    Vega reads '.', '[' and ':' in it as its own; its tooltip shows what is in a column `image` as a
    picture, and in `title` as a heading.
    """
    said = re.sub(r"""[.\[\]\\:"']""", "_", cut(visible(name), _LONGEST_NAME))
    return f"{said}_" if said.lower() in ("", "image", "title") else said
