"""`kormo eval` and `kormo generate`: what a checkpoint learned, in numbers and in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from kormo_ds.cli import args, eval_collect, eval_report, eval_tasks, judged, needle
from kormo_ds.cli.stream import continued, loaded, visible
from kormo_ds.errors import BadInput, UnknownName

if TYPE_CHECKING:
    from kormo_ds.eval.checkpoint import Checkpoint
    from lake import Lake

HELD_OUT = "held_out"
"""The mixture that is evaluated unless another is named."""


@dataclass
class Settings:
    """How a checkpoint is evaluated."""

    mixture: str = HELD_OUT
    """NAME or NAME@VERSION, as recorded; held_out is recorded anew where documents changed."""
    weights: str = "trained"
    """trained, or init for the untrained model that the run began with."""
    length: int = 0
    """Tokens of a window; 0 takes the row length of the run's sequences."""
    batch_tokens: int = 8192
    """Tokens that go through the model at a time."""


class OrCheckpoint(TyperGroup):
    """A group whose first word may be a checkpoint, which is then what `checkpoint` is given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in the command that the words leave out."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["checkpoint", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="What a checkpoint can do. A checkpoint or run alone is measured in bits per byte.",
    cls=OrCheckpoint,
    no_args_is_help=True,
)
app.command("tasks")(eval_tasks.tasks)
app.command("needle")(needle.needle)
app.command("judged")(judged.judged)
app.command("collect")(eval_collect.collect)
app.command("report")(eval_report.report)


@app.command("checkpoint")
def evaluate(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A checkpoint's or a run's folder, then mixture=NAME@VERSION weights=init "
            "length=4096 batch_tokens=8192",
            metavar="CHECKPOINT [SETTING=VALUE]...",
        ),
    ],
    lake: Annotated[
        str | None, typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake.")
    ] = None,
) -> None:
    """Bits per byte of held-out documents by language, source and synthesizer, into `evals`."""
    import lake as lakes
    from kormo_ds.cli.show import table

    places, given = args.split(words)
    if len(places) != 1:
        raise BadInput("name one checkpoint, e.g.: kormo eval data/runs/demo")
    rows = run(lakes.open(lake), places[0], args.settings(Settings, given))
    first = rows[0]
    typer.echo(f"bits per byte of {first['task']}, run {first['run']}, {first['checkpoint']}")
    columns = ["lang", "source", "synthesizer", "value", "stderr", "n_documents", "n_bytes"]
    typer.echo(table(columns, [[row[column] for column in columns] for row in rows]))


def run(lk: "Lake", path: str, settings: Settings) -> list[dict[str, Any]]:
    """Evaluate the checkpoint at `path` and append what was found to the lake's `evals`."""
    import pyarrow as pa

    from kormo_ds.eval import bits_per_byte, checkpoint, record
    from kormo_ds.eval.documents import documents
    from kormo_ds.progress import bar
    from kormo_ds.recorded import Recorded

    asked = checkpoint.read(path)
    length = settings.length or row_length(asked)
    if settings.mixture == HELD_OUT:
        record_held_out(lk)
    mixture = Recorded.named(lk, settings.mixture)
    model = loaded(asked, settings.weights)
    with bar(f"evaluating on {mixture}", mixture.n_reads(), "documents") as advance:
        rows = record.rows(
            bits_per_byte.scores(
                model,
                asked.vocabulary,
                documents(mixture),
                length=length,
                batch_tokens=settings.batch_tokens,
                advance=advance,
            ),
            run=asked.run.name,
            checkpoint=asked.name(settings.weights),
            task=str(mixture),
        )
    lk.append("evals", pa.Table.from_pylist(rows, schema=lk.schema("evals")))
    return rows


def generate(
    checkpoint: Annotated[str, typer.Argument(help="A checkpoint's or a run's folder.")],
    prompt: Annotated[str, typer.Argument(help="The text to continue.")],
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="max_tokens=64 temperature=0 top_p=1 seed=0", metavar="[SETTING=VALUE]..."
        ),
    ] = None,
) -> None:
    """Continue a text: the likeliest words, or drawn ones with temperature above 0."""
    places, given = args.split(words or [])
    if places:
        raise BadInput(f"'{places[0]}' is not a setting; put the prompt in quotes")

    from kormo_ds.eval.checkpoint import read
    from kormo_ds.model import Sampling

    sampling = args.settings(Sampling, given)
    asked = read(checkpoint)
    pieces = continued(loaded(asked), asked.vocabulary, prompt, sampling)
    typer.echo(prompt, nl=False)
    for piece in pieces:
        typer.echo(visible(piece), nl=False)
    typer.echo()


def row_length(asked: "Checkpoint") -> int:
    """Tokens in a row of the sequences that the run was trained on."""
    from kormo_ds import sequences

    try:
        return sequences.open(asked.run.data.sequences).length
    except UnknownName as error:
        raise BadInput(f"{error}; or say how long its rows were: length=4096") from error


def record_held_out(lk: "Lake") -> None:
    """Record today's held-out documents, unless they are recorded: numbers then name them."""
    from kormo_ds import mixture, project
    from lake import Query

    query = Query.read(project.file("mixture", HELD_OUT, "sql/mixtures", ".sql"))
    mixture.run(lk, query, {})
