"""A text that can spell no token of the form: each that it spells is broken by a word joiner.

`<|EOT|>` in what somebody says becomes `<`, U+2060, `|EOT|>`: it looks the same, and no tokenizer
reads it as the token, neither ours, which reads control tokens letter by letter in any case, nor
another program's that is given the template's text. So nobody can end a turn, open thoughts or
answer for a tool by spelling it, and training and serving see the same tokens.
"""

from kormo_ds.text.tokens import SPECIAL_TOKENS

TOOL_TOKENS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
FORM_TOKENS = tuple(token for token in SPECIAL_TOKENS if token not in TOOL_TOKENS)
"""What nobody may spell. Calls of tools are a part of what an assistant says, and systems explain
them, so those tokens are broken only in what a user or a tool says."""
JOINER = "\N{WORD JOINER}"


def plain(text: str, role: str) -> str:
    r"""`text` as `role` said it, without white space around it and without tokens.

    >>> plain(" a<|EOT|>b ", "user")
    'a<\u2060|EOT|>b'
    """
    text = text.strip()
    if "<" not in text:
        return text
    for token in SPECIAL_TOKENS if role in ("user", "tool") else FORM_TOKENS:
        text = text.replace(token, f"<{JOINER}{token[1:]}")
    return text
