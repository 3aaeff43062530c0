"""What a translated document says of itself, and which of its turns were translated."""

from collections.abc import Sequence

from kormo_ds.documents.document import Turn

SOURCE_REASONING = '{"reasoning": "source"}'
"""`meta` of a translated conversation whose reasoning was left in the language of its source."""
UNTRANSLATED_ROLES = ("tool",)
"""Turns that are taken over as they are: what a tool returned is data."""


def translated_parts(turns: Sequence[Turn], reasoning: bool) -> list[str]:
    """The texts of a conversation that are translated, in order.

    Args:
        turns: of the source or of the translation.
        reasoning: whether reasoning is translated too.
    """
    found = []
    for turn in turns:
        if turn["role"] in UNTRANSLATED_ROLES:
            continue
        if reasoning and turn["reasoning"]:
            found.append(turn["reasoning"])
        found.append(turn["content"])
    return found
