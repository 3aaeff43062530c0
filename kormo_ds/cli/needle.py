"""`kormo eval needle`: whether a checkpoint finds sentences in long texts, Korean and English."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.eval.checkpoint import Checkpoint
    from kormo_ds.eval.needle.answers import Answers
    from kormo_ds.eval.needle.grid import Grid
    from kormo_ds.eval.needle.score import Reach
    from kormo_ds.recorded import Recorded
    from lake import Lake


@dataclass
class Settings:
    """What is asked of a checkpoint."""

    lang: str = "both"
    """ko, en, or both; the language of haystack, needles and question."""
    lengths: str = ""
    """Tokens of prompt and answer; by default quarters of the run's rows."""
    depths: str = "0,25,50,75,100"
    """Where the needle stands, in per cent of the text."""
    forms: str = "single,multikey,multivalue,multiquery"
    samples: int = 4
    """Questions of a cell, each with other keys, values and texts."""
    seed: int = 0
    """Of texts, keys, values and places."""
    max_tokens: int = 96
    """Reserved for the answer."""
    mixture: str = "held_out"
    """What haystacks are made of: NAME or NAME@VERSION, as recorded."""
    weights: str = "trained"
    """trained, or init for the untrained model that the run began with."""
    threshold: float = 0.6
    """The length is said at which accuracy falls under it."""
    batch_tokens: int = 65_536
    """Tokens that are held at a time."""


def needle(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A checkpoint's or a run's folder, then lang=ko lengths=1024,4096 depths=0,50,100 "
            "forms=single,multikey,multivalue,multiquery samples=4 seed=0 max_tokens=96 "
            "mixture=NAME@VERSION weights=init threshold=0.6",
            metavar="CHECKPOINT [SETTING=VALUE]...",
        ),
    ],
    lake: Annotated[
        str | None, typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake.")
    ] = None,
) -> None:
    """Hide numbers in held-out text and ask for them: accuracy by length and depth, into `evals`.

    Answers and heat maps are in the run's folder, needle/CHECKPOINT; what is answered is not asked
    again.
    """
    import lake as lakes

    places, given = args.split(words)
    if len(places) != 1:
        raise BadInput("name one checkpoint, e.g.: kormo eval needle data/runs/demo")
    run(lakes.open(lake), places[0], args.settings(Settings, given))


def run(lk: "Lake", path: str, settings: Settings) -> None:
    """Ask the checkpoint at `path`, and write and print what was found."""
    import pyarrow as pa

    from kormo_ds.cli import eval as evaluation
    from kormo_ds.cli.stream import loaded
    from kormo_ds.eval import checkpoint
    from kormo_ds.eval.documents import documents
    from kormo_ds.eval.needle import record, score
    from kormo_ds.eval.needle.haystack import Pool
    from kormo_ds.eval.needle.run import asked_of
    from kormo_ds.eval.needle.run import run as ask_all
    from kormo_ds.progress import bar
    from kormo_ds.recorded import Recorded

    asked = checkpoint.read(path)
    grid = _grid(asked, settings)
    grid.check_fits(asked.run.model.max_positions)
    if settings.mixture == evaluation.HELD_OUT:
        evaluation.record_held_out(lk)
    mixture = Recorded.named(lk, settings.mixture)
    pools = {
        lang: Pool.read(
            documents(mixture),
            asked.vocabulary,
            lang=lang,
            mixture=str(mixture),
            n_tokens=max(grid.lengths) - grid.max_tokens,
            seed=grid.seed,
        )
        for lang in grid.langs
    }
    name = asked.name(settings.weights)
    folder = asked.run_folder / "needle" / name
    answers = _answers(folder, asked, mixture, settings)
    model = loaded(asked, settings.weights)
    with bar(f"asking {asked.run.name} {name}", unit="questions") as advance:
        said = ask_all(
            grid,
            pools,
            asked.vocabulary,
            asked_of(model, asked.vocabulary, grid.max_tokens),
            answers,
            batch_tokens=settings.batch_tokens,
            advance=advance,
        )
    cells = score.accuracies((answer.cell, answer.score) for answer in said)
    reaches = score.reaches(cells, settings.threshold)
    rows = record.rows(
        cells,
        reaches,
        run=asked.run.name,
        checkpoint=name,
        mixture=str(mixture),
        seed=grid.seed,
        threshold=settings.threshold,
    )
    known = lk.dataset("evals").to_table().to_pylist() if lk.exists("evals") else []
    if fresh := record.new(rows, known):
        lk.append("evals", pa.Table.from_pylist(fresh, schema=lk.schema("evals")))
    typer.echo(f"needles in {mixture}, run {asked.run.name}, {name}, {len(said):,} questions")
    _print(reaches, settings.threshold)
    for lang in grid.langs:
        own = {cell: accuracy for cell, accuracy in cells.items() if cell.lang == lang}
        _draw(folder / f"{lang}.png", own, f"{asked.run.name} {name}: needles, {lang}")
    typer.echo(f"answers: {answers.path}")


def _grid(asked: "Checkpoint", settings: Settings) -> "Grid":
    from kormo_ds.cli import eval as evaluation
    from kormo_ds.eval.needle import template
    from kormo_ds.eval.needle.grid import Grid, numbers

    if settings.lengths:
        lengths = numbers("lengths", settings.lengths)
    else:
        row = evaluation.row_length(asked)
        lengths = [row * quarter // 4 for quarter in (1, 2, 3, 4)]
    langs = template.languages() if settings.lang == "both" else [settings.lang]
    for lang in langs:
        template.read(lang)
    return Grid(
        langs=langs,
        forms=[form.strip() for form in settings.forms.strip("[]").split(",")],
        lengths=lengths,
        depths=numbers("depths", settings.depths),
        samples=settings.samples,
        max_tokens=settings.max_tokens,
        seed=settings.seed,
    )


def _answers(
    folder: Path, asked: "Checkpoint", mixture: "Recorded", settings: Settings
) -> "Answers":
    """The file of all answers that nothing but the grid tells apart."""
    from kormo_ds.eval.needle import template
    from kormo_ds.eval.needle.answers import Answers

    identity = {
        "checkpoint": asked.fingerprint,
        "weights": settings.weights,
        "tokenizer": asked.vocabulary.fingerprint,
        "documents": mixture.mixture.digest,
        "words": {lang: asdict(template.read(lang)) for lang in template.languages()},
        "seed": settings.seed,
        "max_tokens": settings.max_tokens,
    }
    said = json.dumps(identity, sort_keys=True, ensure_ascii=False)
    return Answers(folder / f"answers-{hashlib.sha256(said.encode()).hexdigest()[:12]}.jsonl")


def _print(reaches: "Sequence[Reach]", threshold: float) -> None:
    """Accuracy by length, and where it falls under the threshold."""
    from kormo_ds.cli.show import table

    lengths = sorted({length for reach in reaches for length in reach.by_length})
    head = ["lang", *(f"{length:,}" for length in lengths)]
    typer.echo(table(head, [[r.lang, *(r.by_length.get(n) for n in lengths)] for r in reaches]))
    for reach in reaches:
        if reach.falls_at is None:
            typer.echo(f"{reach.lang}: at no length under {threshold:g}")
        else:
            typer.echo(f"{reach.lang}: under {threshold:g} at {reach.falls_at:,} tokens")


def _draw(path: Path, cells, title: str) -> None:  # type: ignore[no-untyped-def]
    """The heat map as a file, or why there is none."""
    from kormo_ds.eval.needle.picture import png

    try:
        image = png(cells, title)
    except BadInput as error:
        typer.echo(f"no heat map: {error}", err=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(image)
    typer.echo(f"heat map: {path}")
