"""What tasks compute beyond the harness's own metrics; named in the YAML files beside this one."""

from collections.abc import Sequence
from typing import Any

from kormo_ds.eval import sandbox


def macro_f1(items: Sequence[tuple[int, int]]) -> float:
    """The mean over classes of F1; items are (class, said class), as the harness's KoBEST has it.

    >>> macro_f1([(0, 0), (0, 1), (1, 1)])
    0.6666666666666666
    """
    classes = sorted({value for pair in items for value in pair})
    scores = []
    for one in classes:
        right = sum(gold == said == one for gold, said in items)
        named = sum(gold == one for gold, _ in items) + sum(said == one for _, said in items)
        scores.append(2 * right / named)
    return sum(scores) / len(scores)


def humaneval(doc: dict[str, Any], results: Sequence[str]) -> dict[str, float]:
    """Does the first completion pass the problem's tests, in a sandbox?"""
    program = f"{doc['prompt']}{results[0]}\n{doc['test']}\ncheck({doc['entry_point']})\n"
    return {"pass@1": float(sandbox.passes(program))}
