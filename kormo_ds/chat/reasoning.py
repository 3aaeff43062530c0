"""The form of mid-training: what is said, thoughts between their tags, and no turns.

    <|BOS|>question⏎⏎<think>⏎ thoughts ⏎</think>⏎⏎answer<|EOS|>

All is learnt, as of any document, but `<think>`, so that a model does not begin to think by itself
(arXiv 2510.09426); `</think>` is learnt.
"""

from collections.abc import Sequence

from kormo_ds.chat.plain import plain
from kormo_ds.chat.segments import Segment
from kormo_ds.documents.document import Turn
from kormo_ds.text.tokens import BOS, EOS, THINK, THINK_END


def render(turns: Sequence[Turn]) -> list[Segment]:
    """The segments of a conversation; texts between two tokens are one."""
    segments = [Segment(BOS, True, "", True)]
    written = ""

    def token(spelling: str, scored: bool = True) -> None:
        nonlocal written
        if written:
            segments.append(Segment(written, False, "assistant", True))
            written = ""
        segments.append(Segment(spelling, True, "assistant", scored))

    for number, one in enumerate(turns):
        written += "\n\n" if number else ""
        if one["reasoning"]:
            token(THINK, scored=False)
            written += f"\n{plain(one['reasoning'], 'assistant')}\n"
            token(THINK_END)
            written += "\n\n"
        written += plain(one["content"] or "", one["role"])
    token(EOS)
    return segments
