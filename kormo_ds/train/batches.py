"""Tokens per step → rows, micro-batches, accumulation: the one source of all batch sizes."""

from dataclasses import dataclass

from kormo_ds.config import TrainConfig
from kormo_ds.errors import BadConfig


@dataclass(frozen=True, kw_only=True)
class Batches:
    """How one optimiser step is cut up. Position p of the order belongs to step p // rows."""

    rows: int
    """Rows of one step over all ranks."""
    micro_rows: int
    """Rows of one micro-batch on one rank."""
    accumulation: int
    """Micro-batches of one step on one rank."""
    world: int
    """Ranks, or groups of ranks that share rows, that read rows of their own."""
    row_length: int
    """Tokens of a row."""

    def start(self, step: int, micro: int, rank: int) -> int:
        """First global position of the rows that `rank` takes in micro-batch `micro` of `step`."""
        return step * self.rows + (micro * self.world + rank) * self.micro_rows


def plan(train: TrainConfig, row_length: int, world: int) -> Batches:
    """Cut a step for `world` ranks.

    Raises:
        BadConfig: the step is not a whole number of rows, or the rows not a whole number of
            micro-batches on every rank; the message names values that work.
    """
    world, rest = divmod(world, train.sequence_parallel)
    if rest or not world:
        raise BadConfig(
            f"train.sequence_parallel = {train.sequence_parallel} does not divide the "
            f"{world * train.sequence_parallel + rest} ranks; take a divisor of them"
        )
    tokens, micro = train.tokens_per_step, train.micro_batch_rows
    rows, rest = divmod(tokens, row_length)
    if rest or not rows:
        raise BadConfig(
            f"train.tokens_per_step = {tokens} is not a whole number of rows of {row_length} "
            f"tokens; {_nearest(tokens, row_length)} would be"
        )
    accumulation, rest = divmod(rows, micro * world)
    if rest or not accumulation:
        per_rank, uneven = divmod(rows, world)
        fits = [n for n in range(1, per_rank + 1) if per_rank % n == 0 and n <= 2 * micro]
        ways = [] if uneven else [f"train.micro_batch_rows = {' or '.join(map(str, fits[-3:]))}"]
        ways.append(f"train.tokens_per_step = {_nearest(tokens, row_length * micro * world)}")
        raise BadConfig(
            f"train.tokens_per_step = {tokens} is {rows} rows, which train.micro_batch_rows = "
            f"{micro} on {world} ranks does not divide; set {', or '.join(ways)}"
        )
    return Batches(
        rows=rows, micro_rows=micro, accumulation=accumulation, world=world, row_length=row_length
    )


def _nearest(value: int, unit: int) -> str:
    below, above = value // unit * unit, -(-value // unit) * unit
    return " or ".join(str(v) for v in (below, above) if v)
