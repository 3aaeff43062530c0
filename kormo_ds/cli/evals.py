"""`kormo evals`: evaluation sets that documents are compared with."""

from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.ingest.eval_set import Added

app = typer.Typer(help="Keep evaluation sets, to keep them out of training.", no_args_is_help=True)
Root = Annotated[str | None, typer.Option("--lake", help="Root of the lake.")]


@app.command()
def add(
    words: Annotated[
        list[str],
        typer.Argument(
            help="The set's NAME, its files, then text=question,choices id=task_id lang=en.",
            metavar="NAME FILE... [OPTION=VALUE]...",
        ),
    ],
    lake: Root = None,
) -> None:
    """Read the items of an evaluation set; the same again changes nothing.

    Takes what `kormo ingest` takes. text= names the columns that are looked for in documents, the
    question first of all. The step contamination then says which item is in which document.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.ingest.eval_set import Columns
    from kormo_ds.ingest.eval_set import add as run

    names, options = args.split(words)
    if len(names) < 2:
        raise BadInput("name the set and its files: kormo evals add NAME FILE… text=COLUMN")
    columns = args.settings(Columns, options)
    lk = lakes.create(lake)
    with progress.bar(f"reading {names[0]}", unit="bytes") as advance:
        done = run(lk, names[0], names[1:], columns, advance)
    typer.echo(summary(done))


@app.command("list")
def list_(lake: Root = None) -> None:
    """List the sets: items, and how many of them the step contamination can find."""
    import lake as lakes
    from kormo_ds.cli.show import table
    from kormo_ds.recorded import eval_sets
    from kormo_ds.steps.contamination import Contamination, findable

    lk = lakes.open(lake)
    if not eval_sets.names(lk):
        typer.echo("no evaluation set yet; add one with: kormo evals add NAME FILE")
        return
    rows = findable(lk, Contamination())
    head = ["set", "items", "by n-gram", "as a whole", "too short", "only common n-grams"]
    typer.echo(table(head, rows))


def summary(done: "Added") -> str:
    """What became of a set, as text for a terminal."""
    lines = [f"evaluation set {done.name}: {done.n_items:,} items of {done.n_read:,} rows"]
    lines += [f"  {n:,} rejected: {reason}" for reason, n in done.rejected.most_common()]
    lines += [f"  {reason}, e.g. {example}" for reason, example in done.examples.items()]
    if not done.is_written:
        lines.append("nothing new: the lake has the very same items already")
    elif done.n_before is not None:
        lines.append(
            f"replaced one of {done.n_before:,} items; columns of the step contamination that were "
            "computed against it are refused until they are dropped and computed anew"
        )
    return "\n".join(lines)
