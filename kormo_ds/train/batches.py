"""Tokens per step → rows, micro-batches, accumulation: the one source of all batch sizes."""

from dataclasses import dataclass

from kormo_ds.config import TrainConfig
from kormo_ds.errors import BadConfig
from kormo_ds.run_record.batch_warmup import Phase, at, phases, position


@dataclass(frozen=True, kw_only=True)
class Batches:
    """How one optimiser step is cut up, and where in the order of rows it begins."""

    rows: int
    """Rows of one full step over all ranks."""
    micro_rows: int
    """Rows of one micro-batch on one rank."""
    accumulation: int
    """Micro-batches of one full step on one rank."""
    world: int
    """Ranks, or groups of ranks that share rows, that read rows of their own."""
    row_length: int
    """Tokens of a row."""
    phases: tuple[Phase, ...]
    """Steps of one size each; one phase without a batch warm-up."""

    def position(self, step: int) -> int:
        """Rows of all steps before `step`: where it begins in the order."""
        return position(self.phases, step)

    def tokens(self, step: int) -> int:
        """Tokens of all steps before `step`, padding included."""
        return self.position(step) * self.row_length

    def accumulated(self, step: int) -> int:
        """Micro-batches of `step` on one rank."""
        return at(self.phases, step).rows // (self.micro_rows * self.world)

    def start(self, step: int, micro: int, rank: int) -> int:
        """First global position of the rows that `rank` takes in micro-batch `micro` of `step`."""
        return self.position(step) + (micro * self.world + rank) * self.micro_rows


def plan(train: TrainConfig, row_length: int, world: int) -> Batches:
    """Cut a step for `world` ranks.

    Raises:
        BadConfig: the step is not a whole number of rows, or the rows not a whole number of
            micro-batches on every rank, at every phase of a batch warm-up; the message names
            values that work.
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
        rows=rows,
        micro_rows=micro,
        accumulation=accumulation,
        world=world,
        row_length=row_length,
        phases=phases(train, rows, micro * world),
    )


def _nearest(value: int, unit: int) -> str:
    below, above = value // unit * unit, -(-value // unit) * unit
    return " or ".join(str(v) for v in (below, above) if v)
