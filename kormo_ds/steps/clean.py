"""`clean`: mend broken text with ftfy; `text_clean` stands beside the untouched `text`.

Undoes mojibake, HTML entities, control characters, terminal escapes, surrogates and Windows line
ends, and composes characters (NFC), since NFD and NFC of one Korean word would be two words. It
neither straightens quotes nor changes the width of characters. Only lines that hold anything else
than plain ASCII and Hangul syllables go through ftfy, which leaves the others as they are. Costs
about 0.7 s a megabyte of such lines and next to nothing for the others.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadConfig
from kormo_ds.steps.step import Step
from lake import Column

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

_SUSPECT_LINE = re.compile(r"^.*[^\t\n -%'-~가-힣].*\n?", re.MULTILINE)
"""A line with a character beside ASCII (without '&' and control characters) and Hangul."""
_FORMS = ("NFC", "NFKC", "")


@dataclass(frozen=True)
class Clean(Step):
    """Mended text."""

    normalization: str = "NFC"
    """Unicode normalisation form: NFC, NFKC, or empty for none."""
    uncurl_quotes: bool = False
    """Turn ‘’ and “” into ' and "."""

    name: ClassVar = "clean"
    reads: ClassVar = ("text",)
    columns: ClassVar = (
        Column("text_clean", pa.string(), "the text, mended; empty where there is none"),
        Column("clean_changed", pa.bool_(), "whether mending changed anything"),
    )

    def __post_init__(self) -> None:
        if self.normalization not in _FORMS:
            raise BadConfig(
                f"clean.normalization={self.normalization} is none of NFC, NFKC and nothing at all"
            )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """`text_clean` and `clean_changed`."""
        texts = pc.fill_null(batch.column("text"), "")
        mended = pa.array([self.mended(text.as_py()) for text in texts], pa.string())
        return self.written(mended, pc.not_equal(mended, texts))

    def mended(self, text: str) -> str:
        """One text; entities such as `&lt;` stay where the text holds a '<', being markup then."""
        config = _config(self.normalization, self.uncurl_quotes, "<" not in text)
        return _SUSPECT_LINE.sub(lambda line: _fix(line[0], config), text)


def _fix(line: str, config: "TextFixerConfig") -> str:
    import ftfy

    return ftfy.fix_text(line, config)


@cache
def _config(normalization: str, uncurl_quotes: bool, unescape_html: bool) -> "TextFixerConfig":
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=unescape_html,
        normalization=normalization or None,  # type: ignore[arg-type]
        uncurl_quotes=uncurl_quotes,
        fix_latin_ligatures=False,
        fix_character_width=False,
        explain=False,
    )
