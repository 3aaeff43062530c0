"""`kormo step`: columns computed on documents."""

from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadConfig, BadInput

if TYPE_CHECKING:
    from kormo_ds.steps.step import Step
    from lake import Filled

app = typer.Typer(help="Compute columns on documents.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List the steps: what each reads and writes, and its settings."""
    from kormo_ds.cli.show import table
    from kormo_ds.steps import describe

    rows = [(row.step, row.column, row.type, row.meaning) for row in describe.columns()]
    typer.echo(table(["step", "column", "type", "meaning"], rows, widest=100))
    typer.echo()
    typer.echo(table(["setting", "default"], describe.settings()))


@app.command()
def run(
    words: Annotated[
        list[str],
        typer.Argument(
            help="Names of steps, then settings.", metavar="NAME... [NAME.SETTING=VALUE]"
        ),
    ],
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
) -> None:
    """Run steps together, in one scan, over the documents that lack their columns.

    Their order does not matter. Run again after new documents came, or after a kill: what is
    there stays, what is missing is computed. docs/steps.md says what each step does.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.steps.run import run as run_steps

    steps = chosen(words)
    lk = lakes.open(lake)
    with progress.bar(", ".join(step.name for step in steps), unit="documents") as advance:
        filled = run_steps(lk, steps, advance)
    typer.echo(summary(filled))


def chosen(words: list[str]) -> list["Step"]:
    """The steps that command-line words name, with their settings.

    Raises:
        BadInput: no step.
        UnknownName: a step or a setting that does not exist.
        BadConfig: a setting of no step, of one that does not run, or of the wrong type.
    """
    from kormo_ds.steps import STEPS, step

    names, values = args.split(words)
    if not names:
        raise BadInput(f"no step to run; name some of: {', '.join(STEPS)}")
    settings: dict[str, dict[str, str]] = {name: {} for name in names}
    kinds = {name: step(name) for name in names}
    for key, value in values.items():
        name, dot, field = key.partition(".")
        if not dot:
            raise BadConfig(f"setting {key}={value} names no step; write {names[0]}.{key}={value}")
        step(name)
        if name not in settings:
            raise BadConfig(f"setting {key}={value} is of step {name}, which is not to be run")
        settings[name][field] = value
    return [args.settings(kinds[name], settings[name]) for name in settings]


def summary(filled: "Filled") -> str:
    """Documents computed, and how many for which reason."""
    from kormo_ds.cli.show import table

    text = f"{filled.rows:,} documents computed, {filled.rows_before:,} were there already"
    rows = [
        (column, reason, n, f"{n / filled.rows:.1%}")
        for column, counts in filled.reasons.items()
        for reason, n in counts.most_common()
    ]
    return f"{text}\n{table(['column', 'reason', 'documents', 'share'], rows)}" if rows else text
