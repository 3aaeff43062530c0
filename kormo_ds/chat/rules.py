"""The rules of the loss: which tokens of a conversation a model is asked to predict.

Parts of an assistant's turn, in order, with what the rules score of them (`+`), or not (`.`):

                <|BOT|>assistant⏎   <think>⏎   thoughts⏎ </think>⏎⏎   answer   <|EOT|>   ⏎
    part             frame            open           inner             said       end    frame
    kormo              .               .               +                +          +       .
    assistant          .               +               +                +          +       .

`kormo` is the paper's (arXiv 2510.09426; its tutorial of fine-tuning). `<think>` and the token
behind it are not learnt, so that a model does not begin to think by itself: the template opens the
block or closes it. `</think>` is learnt. A turn before the last question, which has no block, loses
its first four tokens: `<|BOT|>`, `assistant`, the new line, and the first of what is said.

`assistant` is all that an assistant writes. Nothing of anybody else is scored by any rule.
"""

from kormo_ds.errors import unknown

RULES = ("kormo", "assistant")
FIRST = 4
"""Tokens at the beginning of a turn without a block that `kormo` does not score."""


def check(rule: str) -> str:
    """`rule`, if it is one.

    Raises:
        UnknownName: it is none.
    """
    if rule not in RULES:
        raise unknown("rule", rule, RULES)
    return rule


def scores(rule: str, role: str, part: str) -> bool:
    """Whether the rule scores a part of a turn."""
    return role == "assistant" and part != "frame" and (part != "open" or rule == "assistant")


def skips(rule: str, has_block: bool) -> int:
    """Tokens from the beginning of an assistant's turn that are not scored, whatever they are."""
    return FIRST if rule == "kormo" and not has_block else 0
