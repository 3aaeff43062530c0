"""One question of a test: haystack, needles and question as tokens, drawn from a seed.

    BOS intro ¶ haystack with needles ¶ question · beginning of the answer

All of a prompt follows from the seed, the cell and the sample, whatever else is asked. Cells that
differ in depth or form alone have the same haystack.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from kormo_ds.errors import BadInput
from kormo_ds.eval.needle.grid import N_NEEDLES, Cell
from kormo_ds.eval.needle.haystack import Pool
from kormo_ds.eval.needle.template import Words
from kormo_ds.text.tokens import Vocabulary

LEAST, MOST = 1_000_000, 9_999_999
"""A value has seven digits, as RULER's numbers have."""


@dataclass(frozen=True)
class Prompt:
    """What a model is asked once."""

    cell: Cell
    sample: int
    keys: tuple[str, ...]
    """Asked for."""
    values: tuple[str, ...]
    """To be found, all of them."""
    text: str
    ids: Sequence[int]
    """BOS and the tokens of the text."""


@dataclass(frozen=True)
class _Drawn:
    """Needles of a prompt: (depth, sentence) each, and what is asked of them."""

    needles: list[tuple[int, str]]
    keys: tuple[str, ...]
    values: tuple[str, ...]


def prompt(
    cell: Cell,
    sample: int,
    *,
    pool: Pool,
    words: Words,
    vocabulary: Vocabulary,
    max_tokens: int,
) -> Prompt:
    """Make the prompt of a cell; it has at most `cell.length - max_tokens` tokens.

    Args:
        cell: language, form, length and depth.
        sample: which of the cell's questions.
        pool: what haystacks are made of, with the seed.
        words: templates of the language.
        vocabulary: the model's tokenizer.
        max_tokens: reserved for the answer.

    Raises:
        BadInput: question and needles leave no place for a haystack.
    """
    most = cell.length - max_tokens
    drawn = _drawn(cell, sample, pool.seed, words)
    question = words.question_of(drawn.keys, len(drawn.values))
    ends = f"{words.intro}\n\n", f"\n\n{question}\n{words.answer_of(drawn.keys)}"
    around = vocabulary.count([*ends, *(f" {needle}" for _, needle in drawn.needles)])
    n_text = most - 1 - sum(around)
    while n_text > 0:
        haystack = pool.haystack(sample, n_text)
        if not haystack.sentences:
            break
        placed = [(haystack.place(depth), needle) for depth, needle in drawn.needles]
        text = haystack.with_needles(placed).rstrip().join(ends)
        [encoding] = vocabulary.encode([text])
        if len(encoding.ids) < most:
            ids = [vocabulary.bos, *encoding.ids]
            return Prompt(cell, sample, drawn.keys, drawn.values, text, ids)
        n_text -= len(encoding.ids) + 1 - most
    raise BadInput(
        f"lengths={cell.length} holds no text beside the {sum(around)} tokens of question and "
        f"needles ({cell.form}, {cell.lang}) and {max_tokens} of the answer; take longer ones"
    )


def text_tokens(cell_length: int, max_tokens: int) -> int:
    """Most tokens of a haystack in rows of this length."""
    return max(1, cell_length - max_tokens)


def _drawn(cell: Cell, sample: int, seed: int, words: Words) -> _Drawn:
    """Keys, values and depths; the first needle is at the cell's depth, the others anywhere."""
    draw = random.Random(f"{seed}|{cell.lang}|{cell.form}|{cell.length}|{cell.depth}|{sample}")
    n = 1 if cell.form == "single" else N_NEEDLES
    n_keys = 1 if cell.form in ("single", "multivalue") else n
    keys = draw.sample(words.things(), n_keys)
    values = [str(value) for value in draw.sample(range(LEAST, MOST + 1), n)]
    depths = [cell.depth, *(draw.randint(0, 100) for _ in range(n - 1))]
    needles = [
        (depth, words.needle_of(keys[i % n_keys], value))
        for i, (depth, value) in enumerate(zip(depths, values, strict=True))
    ]
    asked = 1 if cell.form == "multikey" else n
    return _Drawn(needles, tuple(keys[: min(asked, n_keys)]), tuple(values[:asked]))
