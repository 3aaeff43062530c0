"""Small steps first: the rows of a step as a pure function of its number.

`train.batch_warmup` cuts a run into phases; each begins at a share of the steps and gives its steps
a share of `train.tokens_per_step`. Rows, position in the order and tokens of any step follow from
the table of phases, so a resume needs nothing remembered and costs O(phases).

Source: Brown et al. 2020, arXiv 2005.14165, appendix B; in doublings as in Llama 3, arXiv
2407.21783, section 3.4.1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kormo_ds.config import TrainConfig
from kormo_ds.errors import BadConfig


@dataclass(frozen=True)
class Phase:
    """Steps of one size."""

    step: int
    """The first of them."""
    rows: int
    """Rows of each, over all ranks."""
    position: int
    """In the order of rows, where the first one begins."""


def phases(train: TrainConfig, rows: int, unit: int) -> tuple[Phase, ...]:
    """The phases of a run whose full step has `rows`; without a warm-up there is one.

    A phase begins at the nearest whole step. One that would end before it begins, in a run of few
    steps, has none.

    Args:
        train: for `batch_warmup` and `steps`.
        rows: of a full step, a multiple of `unit`.
        unit: rows that all ranks take through the model at once.

    Raises:
        BadConfig: a phase's rows are not a multiple of `unit`; names the nearest shares that are.
    """
    sizes: dict[int, int] = {}
    for start, share in train.batch_warmup or [[0.0, 1.0]]:
        sizes[round(start * train.steps)] = unit * _micro_batches(train, share, rows, unit)
    return tuple(_laid_out(sorted(sizes.items())))


def at(table: Sequence[Phase], step: int) -> Phase:
    """The phase that `step` belongs to."""
    return next(phase for phase in reversed(table) if phase.step <= step)


def position(table: Sequence[Phase], step: int) -> int:
    """Rows of all steps before `step`: where it begins in the order."""
    phase = at(table, step)
    return phase.position + (step - phase.step) * phase.rows


def _laid_out(sizes: Sequence[tuple[int, int]]) -> Iterator[Phase]:
    position = 0
    for (step, rows), (end, _) in pairwise([*sizes, (sizes[-1][0], 0)]):
        yield Phase(step, rows, position)
        position += (end - step) * rows


def _micro_batches(train: TrainConfig, share: float, rows: int, unit: int) -> int:
    full = rows // unit
    wanted = share * full
    made = round(wanted)
    if made and abs(wanted - made) < 1e-9 * full:
        return made
    near = sorted({max(1, int(wanted)), int(wanted) + 1})
    raise BadConfig(
        f"train.batch_warmup: {share} of a step's {rows} rows is {share * rows:g} rows, not a "
        f"multiple of train.micro_batch_rows = {train.micro_batch_rows} on "
        f"{unit // train.micro_batch_rows} ranks; "
        f"{' or '.join(str(n / full) for n in near)} would be"
    )
