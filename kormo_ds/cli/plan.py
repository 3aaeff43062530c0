"""`kormo plan`: what a run will be, from its configuration alone; no GPU, no job.

Parameters, tokens, how a step is cut, the learning rate over tokens, hours and cost at a stated
MFU, memory of a rank and disk.
"""

from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.cli.pace import Pace
from kormo_ds.errors import BadConfig, BadInput, KormoError

if TYPE_CHECKING:
    from kormo_ds.config import Run
    from kormo_ds.train.batches import Batches

COLUMNS, LINES = 72, 8
ROW_LENGTH = 4096
"""Tokens of a row where there are no sequences yet: the paper's."""
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


def plan(
    words: Annotated[
        list[str],
        typer.Argument(
            help="RUN, then settings a.b=c, ranks=8 length=4096 device=H100 mfu=0.4 price=2.5",
            metavar="RUN …",
        ),
    ],
    lake: Annotated[
        str | None, typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", help="Draw the learning rate into this file, too.")
    ] = None,
) -> None:
    """Say what RUN will be: tokens, batches, learning rate, hours, memory of a GPU, disk."""
    from kormo_ds.cli import launch
    from kormo_ds.cli.args import split
    from kormo_ds.cli.show import table
    from kormo_ds.compose import load_run
    from kormo_ds.train import batches, memory, parameters

    names, given = split(words)
    if len(names) != 1:
        raise BadConfig("name one run, e.g.: kormo plan stage1_10b ranks=8")
    own = {key: _whole(key, given.pop(key)) for key in ("ranks", "length") if key in given}
    pace = Pace(**{key: given.pop(key) for key in ("device", "mfu", "price") if key in given})
    run = load_run(names[0], [f"{key}={value}" for key, value in given.items()])
    n_rows, length, told = _rows(lake, run, own.get("length"))
    world = own.get("ranks") or launch.n_ranks(run)
    cut = batches.plan(run.train, length, world)
    counts = parameters.count(run.model)
    needs = memory.of_run(run, counts.total, cut.micro_rows * length, world)
    disk = memory.checkpoint(counts.total)

    print(f"run {run.name}: {world} ranks, ZeRO {run.zero_stage}, {run.train.precision}\n")
    facts = [
        ("parameters", f"{counts.total:,}"),
        ("", f"{counts.in_matmuls:,} in matrices (decayed), {counts.embedding:,} in the embedding"),
        ("data", told),
        *_length(run, cut, n_rows),
        *_steps(cut),
        ("learning rate", _rates(run, cut)),
        *pace.lines(run, cut, world),
    ]
    print("\n".join(f"{name:15}{value}" for name, value in facts) + "\n")
    points = _points(run, cut)
    _draw(points, run, cut, svg)
    print("\n" + table(("memory of a rank", "GB"), _gigabytes(needs)))
    print("for a GPU, without its context, NCCL and fragmentation (2 to 5 GB)\n")
    kept = run.checkpoint.keep
    print(f"disk: {_gb(disk)} GB a checkpoint, {_gb(disk * (kept + 1))} GB at most for {kept} kept")


def _whole(key: str, value: str) -> int:
    if not value.isdecimal() or not int(value):
        raise BadConfig(f"{key} = {value!r}: it must be a whole number, 1 or more")
    return int(value)


def _rows(lake_root: str | None, run: "Run", length: int | None) -> tuple[int | None, int, str]:
    """Rows of the run's sequences if they are there, tokens of a row, and a line about both."""
    import lake
    from kormo_ds import sequences
    from kormo_ds.cli.train import _sequences_in

    name = run.data.sequences
    try:
        placed = _sequences_in(lake_root, run)
        found = sequences.open(placed[0].partition("=")[2] if placed else name)
    except (KormoError, lake.LakeError):
        length = length or ROW_LENGTH
        return None, length, f"no sequences '{name}' yet: rows of {length:,} tokens (length=…)"
    if length not in (None, found.length):
        raise BadConfig(
            f"length = {length}, but rows of '{name}' have {found.length}; leave it out"
        )
    what = f"{found.n_rows:,} rows of {found.length:,} tokens in '{name}'"
    return found.n_rows, found.length, what


def _length(run: "Run", cut: "Batches", n_rows: int | None) -> list[tuple[str, str]]:
    steps = run.train.steps
    total = f"{steps:,} steps, {cut.tokens(steps):,} tokens"
    epochs = f", {cut.position(steps) / n_rows:.3g} epochs" if n_rows else ""
    return [("length", total + epochs)]


def _steps(cut: "Batches") -> list[tuple[str, str]]:
    lines = []
    for phase in cut.phases:
        since = f"from step {phase.step:,}: " if len(cut.phases) > 1 else ""
        lines.append(
            f"{since}{phase.rows:,} rows = {phase.rows * cut.row_length:,} tokens: "
            f"{cut.micro_rows} rows × {cut.accumulated(phase.step)} micro-batches × "
            f"{cut.world} ranks"
        )
    return [("" if i else "a step", line) for i, line in enumerate(lines)]


def _rates(run: "Run", cut: "Batches") -> str:
    from kormo_ds.train.schedule import lengths, rate

    n = run.train.steps
    up, down = lengths(run.schedule, n)
    peak = run.optim.lr
    last = rate(run.schedule, peak, n - 1, n)
    rise = f"{up:,} steps up ({_short(cut.tokens(up))} tokens)"
    fall = f"{down:,} down ({_short(cut.tokens(n) - cut.tokens(n - down))})"
    stable = f"{n - up - down:,} at {peak:g}"
    return f"{run.schedule.kind}: {rise}, {stable}, {fall}, the last at {last:.3g}"


def _points(run: "Run", cut: "Batches") -> list[float]:
    """The rate at evenly spaced numbers of tokens, two a column."""
    from kormo_ds.train.schedule import rate

    n = run.train.steps
    total, n_points = cut.tokens(n), 2 * COLUMNS
    steps = [
        min(n - 1, bisect_right(range(n), total * i / (n_points - 1), key=cut.tokens) - 1)
        for i in range(n_points)
    ]
    return [rate(run.schedule, run.optim.lr, step, n) for step in steps]


def _draw(points: list[float], run: "Run", cut: "Batches", svg: Path | None) -> None:
    from kormo_ds.cli import chart

    peak, total = run.optim.lr, f"{_short(cut.tokens(run.train.steps))} tokens"
    edge = [f"{peak:g}", *[""] * (LINES - 2), "0"]
    lines = chart.text(points, LINES, peak)
    for label, line in zip(edge, lines, strict=True):
        print(f"{label:>10} │{line}")
    print(f"{'':10} └{'─' * COLUMNS}\n{'':12}0{total:>{COLUMNS - 1}}")
    if svg:
        if not svg.parent.is_dir():
            raise BadInput(f"there is no folder {svg.parent} for {svg.name}; make it first")
        title = f"{run.name}: learning rate over tokens"
        chart.write(svg, chart.svg(points, peak, (f"{peak:g}", "0", total), title))
        print(f"{svg} written")


def _gigabytes(needs: Any) -> list[tuple[str, str]]:
    from dataclasses import asdict

    parts = {name: value for name, value in asdict(needs).items()}
    return [(name, _gb(value)) for name, value in [*parts.items(), ("total", needs.total)]]


def _gb(n_bytes: int) -> str:
    """Of 10⁹ bytes, as makers of GPUs count; small ones with more digits."""
    return f"{n_bytes / 1e9:,.1f}" if n_bytes >= 1e9 else f"{n_bytes / 1e9:.2g}"


def _short(n: int) -> str:
    """A number of tokens, short.

    >>> _short(999_997_571_072), _short(8_388_608), _short(4096)
    ('1.00T', '8.39M', '4,096')
    """
    return next((f"{n / unit:.2f}{name}" for unit, name in _UNITS if n >= 0.9995 * unit), f"{n:,}")
