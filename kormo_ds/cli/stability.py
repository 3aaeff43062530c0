"""`kormo stability`: what each group of a run's validation did, and whether the model collapsed."""

from pathlib import Path
from typing import Annotated, Any

import typer

from kormo_ds.errors import BadInput

_OF_THE_COURSE = ["first", "best", "at step", "last", "trend %", "swings", "given back"]
COLUMNS = ["group", *_OF_THE_COURSE, "verdict"]


def stability(
    run: Annotated[str, typer.Argument(help="A run's folder, e.g. data/runs/demo.", metavar="RUN")],
) -> None:
    """What validation bits per byte did by language, source and synthesizer: learns or oscillates.

    trend: how the value changed over the last half, in per cent, by the line of least squares.
    swings: moves up or down that are more than noise. given back: the share of what was learned
    that was lost again. A verdict needs six validations.
    """
    from kormo_ds.cli.show import table
    from kormo_ds.run_record import lines, oscillation

    folder = Path(run)
    found = lines.read(folder / lines.VALIDATION)
    if not found:
        raise BadInput(
            f"{folder / lines.VALIDATION} has no validation; set validation.sequences=NAME when "
            f"training, packed with: kormo pack held_out tokenizer=NAME groups=true"
        )
    steps, series = _series(found)
    courses = {name: oscillation.course(values) for name, values in series.items()}
    rows: list[list[Any]] = [
        [
            name,
            course.first,
            course.best,
            steps[name][course.best_at],
            course.last,
            100 * oscillation.trend(series[name]),
            course.swings,
            course.given_back,
            course.verdict,
        ]
        for name, course in courses.items()
    ]
    typer.echo(f"{len(found)} validations of {folder}, bits per byte")
    typer.echo(table(COLUMNS, rows))
    for name, course in courses.items():
        if course.verdict in ("oscillates", "worsened", "jumps"):
            typer.echo(_said(name, course, steps[name]))
    for name in oscillation.collapsed(series):
        typer.echo(
            f"collapse onto synthesizer '{name}': its documents are predicted better while more "
            f"of the other groups got worse than better; mix other synthesizers and sources in"
        )
    spikes = lines.read(folder / lines.SPIKES)
    if spikes:
        last = spikes[-1]["step"]
        typer.echo(
            f"{len(spikes)} spikes, the last at step {last}: kormo trace --run {run} --step {last}"
        )


def _series(found: list[dict[str, Any]]) -> tuple[dict[str, list[int]], dict[str, list[float]]]:
    """Steps and values by group, 'all' first."""
    names = sorted({name for line in found for name in line["bpb"]}, key=lambda n: (n != "all", n))
    steps: dict[str, list[int]] = {name: [] for name in names}
    series: dict[str, list[float]] = {name: [] for name in names}
    for line in found:
        for name, value in line["bpb"].items():
            if value is not None:
                steps[name].append(line["step"])
                series[name].append(value)
    return steps, {name: values for name, values in series.items() if values}


def _said(name: str, course: Any, steps: list[int]) -> str:
    if course.verdict == "oscillates":
        return (
            f"{name} oscillates: {course.swings} swings of {course.threshold:.3g} bits or more, "
            f"{course.given_back:.0%} of what was learned was lost again"
        )
    if course.verdict == "worsened":
        return (
            f"{name} got worse: {course.last:.4g} bits at the end, {course.best:.4g} at step "
            f"{steps[course.best_at]}"
        )
    return f"{name} jumps by {course.noise:.3g} bits between validations; validate more often"
