"""Ask the questions of a grid that are not answered yet, some at a time, and keep what is said."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from kormo_ds.eval.needle import template
from kormo_ds.eval.needle.answers import Answer, Answers
from kormo_ds.eval.needle.grid import Cell, Grid
from kormo_ds.eval.needle.haystack import Pool
from kormo_ds.eval.needle.prompt import Prompt, prompt
from kormo_ds.eval.needle.score import found, is_settled
from kormo_ds.model import Transformer
from kormo_ds.model.greedy import greedy
from kormo_ds.progress import Advance, silent
from kormo_ds.text.tokens import Vocabulary

BATCH_TOKENS = 65_536
"""Tokens of prompts and answers that are held at a time; a longer prompt is alone."""

Ask = Callable[[Sequence[Prompt]], list[str]]
"""What a model says to each of some prompts."""


def run(
    grid: Grid,
    pools: Mapping[str, Pool],
    vocabulary: Vocabulary,
    ask: Ask,
    answers: Answers,
    *,
    batch_tokens: int = BATCH_TOKENS,
    advance: Advance = silent,
) -> list[Answer]:
    """The answers of all cells, those that were there and new ones.

    Args:
        grid: what is asked.
        pools: the documents of each language of the grid.
        vocabulary: the model's tokenizer.
        ask: the model, e.g. `asked_of`.
        answers: where they are kept; a batch that is answered is never asked again.
        batch_tokens: of a batch.
        advance: told of each answer.

    Raises:
        BadInput: a length leaves no place for text.
    """
    there = answers.read()
    wanted = list(_questions(grid))
    missing = [key for key in wanted if key not in there]
    advance(len(wanted) - len(missing), total=len(wanted))
    words = {lang: template.read(lang) for lang in grid.langs}
    prompts = (
        prompt(
            cell,
            sample,
            pool=pools[cell.lang],
            words=words[cell.lang],
            vocabulary=vocabulary,
            max_tokens=grid.max_tokens,
        )
        for cell, sample in missing
    )
    for batch in _batches(prompts, batch_tokens, grid.max_tokens):
        texts = ask(batch)
        new = [
            Answer.to(one, text, found(text, one.values))
            for one, text in zip(batch, texts, strict=True)
        ]
        answers.add(new)
        there |= {(answer.cell, answer.sample): answer for answer in new}
        advance(len(new))
    return [there[key] for key in wanted]


def asked_of(model: Transformer, vocabulary: Vocabulary, max_tokens: int) -> Ask:
    """The greedy continuation of each prompt by a model, all together.

    A stream ends early where nothing that follows can change its score.
    """

    def decoded(tokens: Sequence[int]) -> str:
        text: str = vocabulary.tokenizer.decode(list(tokens), skip_special_tokens=False)
        return text

    def ask(prompts: Sequence[Prompt]) -> list[str]:
        def ended(number: int, tokens: Sequence[int]) -> bool:
            return is_settled(decoded(tokens), prompts[number].values)

        found = greedy(
            model,
            [prompt.ids for prompt in prompts],
            n_ids=vocabulary.size,
            stop=vocabulary.eos,
            max_tokens=max_tokens,
            ended=ended,
        )
        return [decoded(tokens) for tokens in found]

    return ask


def _questions(grid: Grid) -> Iterator[tuple[Cell, int]]:
    """Cells and samples, those of one text after one another, so that what is alike is near."""
    for _, cells in groupby(grid.cells(), lambda cell: (cell.length, cell.lang)):
        alike = list(cells)
        for sample in range(grid.samples):
            for cell in alike:
                yield cell, sample


def _batches(
    prompts: Iterable[Prompt], batch_tokens: int, max_tokens: int
) -> Iterator[list[Prompt]]:
    """Prompts that follow one another, as the cache counts them: each as long as the longest."""
    batch: list[Prompt] = []
    longest = 0
    for one in prompts:
        grown = max(longest, len(one.ids) + max_tokens)
        if batch and grown * (len(batch) + 1) > batch_tokens:
            yield batch
            batch, grown = [], len(one.ids) + max_tokens
        batch.append(one)
        longest = grown
    if batch:
        yield batch
