"""`kormo ladder`: all stages of the recipe once, each from its own mixture and the weights before.

    stage 1 ──▶ stage 2 ──▶ long rows ──▶ reasoning ──▶ fine-tuning        evaluated after each

Every command is printed as it can be given by hand. What is done is skipped, so a killed ladder
goes on where it was. The conversations of the last two are made by rule (`kormo sft worked`): they
show that everything fits together, and nothing about reasoning.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args, demo
from kormo_ds.cli.demo import Stage
from kormo_ds.errors import BadInput, UnknownName

if TYPE_CHECKING:
    from lake import Lake

RUNGS = ("stage1", "stage2", "long", "reasoning", "sft")
SOURCE = "worked"
"""`source` of the conversations that are made by rule."""


@dataclass
class Settings:
    """The ladder's own settings; all others are settings of every run."""

    vocab_size: int = 8192
    """Of the tokenizer, where the lake has none called 'demo'."""
    length: int = 512
    """Tokens of a row in the first two stages."""
    long_length: int = 2048
    """Tokens of a row from then on: a longer conversation cannot be learnt."""
    long_tokens: int = 1024
    """Fewest tokens of a long document."""
    questions: int = 1000
    """Conversations that are made by rule."""
    needles: bool = True
    """Whether runs on long rows are asked for needles, too."""


def ladder(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="vocab_size=8192 length=512 long_length=2048 long_tokens=1024 questions=1000 "
            "needles=true, and settings of all five runs, e.g. train.steps=20",
            metavar="[SETTING=VALUE]...",
        ),
    ] = None,
    own: Annotated[
        str | None,
        typer.Option("--input", help="Your documents instead: DIR/ko, DIR/en, … by language."),
    ] = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
) -> None:
    """Train a tiny model through all stages, from documents to fine-tuning, and draw the table.

    The documents are those of `kormo demo`, whose lake and tokenizer are taken where they are
    there; or your own with --input.
    """
    from lake.root import default_root

    places, given = args.split(words or [])
    if places:
        raise BadInput(f"'{places[0]}' is not a setting; own documents are given by --input DIR")
    mine = {key: value for key, value in given.items() if key in Settings.__dataclass_fields__}
    settings = args.settings(Settings, mine)
    others = [f"{key}={value}" for key, value in given.items() if key not in mine]
    root = lake or default_root()
    demo.through(demo.prepared(root, own, {"tokenizer.vocab_size": str(settings.vocab_size)}))
    demo.through([_holding_out(root)])
    for rung in RUNGS:
        if rung == "reasoning":
            demo.through(_conversations(root, settings))
        demo.through(_rung(root, rung, settings, others))
    typer.echo(f"\n{table(root)}")


def _holding_out(root: str) -> Stage:
    """The documents that all stages are measured on, recorded before there are conversations."""
    from kormo_ds.cli import mixture

    words = ["held_out"]
    return Stage(
        ["mixture", "run", *words],
        lambda: mixture.run(words, root),
        lambda: f"{held} is what the ladder is measured on" if (held := _held_out(root)) else None,
    )


def _held_out(root: str) -> str:
    """The mixture that the first rung was measured on, else one that was recorded; '' for none."""
    import lake as lakes
    from kormo_ds.recorded import Recorded

    lk = lakes.open(root)
    rows = (
        lk.sql(
            "select task from evals where run = $run and metric = 'bits_per_byte' limit 1",
            run=run_name(root, "stage1"),
        ).fetchall()
        if lk.exists("evals")
        else []
    )
    if rows:
        return str(rows[0][0])
    try:
        return str(Recorded.named(lk, "held_out"))
    except UnknownName:
        return ""


def _conversations(root: str, settings: Settings) -> list[Stage]:
    """Material for the last two rungs."""
    from kormo_ds.cli import ingest, sft, step

    file = str(_base(root) / "worked.jsonl")
    making = [file, f"n={settings.questions}"]
    taking = [file, "conversations=openai", f"source={SOURCE}", "origin=curated"]
    taking += ["columns.lang=lang", "columns.source_id=id"]
    cleaning = ["clean", "length", "language"]
    varying = [f"where=source = '{SOURCE}'"]
    counting = ["n_chat_tokens", "n_chat_tokens.tokenizer=demo"]
    return [
        Stage(
            ["sft", "worked", *making],
            lambda: sft.worked(making),
            lambda: f"{file} is there already" if Path(file).exists() else None,
        ),
        Stage(["ingest", *taking], lambda: ingest.ingest(taking, root)),
        Stage(["step", "run", *cleaning], lambda: step.run(cleaning, root)),
        Stage(["sft", "variants", *varying], lambda: sft.variants(varying, root, False)),
        Stage(["step", "run", *counting], lambda: step.run(counting, root)),
    ]


def _rung(root: str, rung: str, settings: Settings, others: list[str]) -> list[Stage]:
    """Mixture, rows, training and evaluation of one rung."""
    from kormo_ds.cli import eval as evaluation
    from kormo_ds.cli import mixture, needle, pack, train

    name, folder = f"ladder_{rung}", str(_base(root) / "runs" / run_name(root, rung))
    mixing = _mixture(rung, settings)
    length = settings.length if rung in ("stage1", "stage2") else settings.long_length
    render = {"reasoning": ["render=reasoning"], "sft": ["render=chat"]}.get(rung, [])
    packing = [mixing[0], "tokenizer=demo", f"name={name}", f"length={length}", *render]
    packing += ["strategy=best_fit"] if rung == "long" else []
    training = [name, *_placed(root, rung), f"model.vocab_size={settings.vocab_size}", *others]
    measured = [folder, f"mixture={_held_out(root)}"]
    asked = [folder, f"mixture={_held_out(root)}", f"lengths={length // 4},{length // 2}"]
    asked += ["depths=0,50,100", "forms=single", "samples=2"]
    stages = [
        Stage(
            ["mixture", "run", *mixing],
            lambda: mixture.run(mixing, root),
            lambda: _packed(root, name),
        ),
        Stage(["pack", *packing], lambda: pack.pack(packing, root), lambda: _packed(root, name)),
        Stage(["train", *training], lambda: train.train(training, root, False)),
        Stage(
            ["eval", *measured],
            lambda: evaluation.evaluate(measured, root),
            lambda: demo.evaluated(root, folder, "trained"),
        ),
    ]
    if settings.needles and rung not in ("stage1", "stage2"):
        stages.append(Stage(["eval", "needle", *asked], lambda: needle.needle(asked, root)))
    return stages


def _mixture(rung: str, settings: Settings) -> list[str]:
    """The mixture of a rung, with what a lake of documentation lacks left out of its shares."""
    return {
        "stage1": ["stage1", "tokenizer=demo", "web_share=0", "ko_share=0.3"],
        "stage2": ["stage2", "tokenizer=demo", "ko_share=0.5"]
        + ["ko_synthetic_share=0", "en_synthetic_share=0"],
        "long": ["midtrain_long", "tokenizer=demo", f"long_tokens={settings.long_tokens}"]
        + ["ko_share=0.5"],
        "reasoning": ["midtrain_reasoning", "tokenizer=demo", "levels=[unknown]"],
        "sft": ["sft", "tokenizer=demo"],
    }[rung]


def _packed(root: str, name: str) -> str | None:
    import lake as lakes

    lk = lakes.open(root)
    n = lk.sql("select count(*) from sequences where name = $name", name=name).fetchall()[0][0]
    return f"sequences {name} are there already" if n else None


def _base(root: str) -> Path:
    """Where runs and files are kept: beside the lake, or below the working folder."""
    return Path("data") if "://" in root else Path(root).parent


def run_name(root: str, rung: str) -> str:
    """Name of a rung's run; a lake of another name than 'lake' has runs of its own."""
    name = Path(root).name
    return f"ladder_{rung}" if name == "lake" else f"ladder_{rung}-{name}"


def _placed(root: str, rung: str) -> list[str]:
    """The settings that place a run there, and name the run before it."""
    from kormo_ds.compose import load_run

    run, name = load_run(f"ladder_{rung}", []), run_name(root, rung)
    folder = _base(root) / "runs"
    words = [] if Path(run.folder) == folder else [f"folder={folder}"]
    if run.name != name:
        words.append(f"name={name}")
        if rung != RUNGS[0]:
            words.append(f"handover.run={run_name(root, RUNGS[RUNGS.index(rung) - 1])}")
    return words


def table(root: str) -> str:
    """What each rung learned, as text for a terminal."""
    import lake as lakes
    from kormo_ds.cli.show import table as shown

    lk = lakes.open(root)
    columns = ["rung", "steps", "tokens", "seconds", "first loss", "last loss"]
    columns += ["bits per byte ko", "en", "needles ko", "en"]
    rows = []
    for rung in RUNGS:
        name = run_name(root, rung)
        (run,) = lk.sql(
            "select n_steps, n_tokens, seconds, first_loss, last_loss from runs where run = $run "
            "order by created_at desc limit 1",
            run=name,
        ).fetchall()
        found = [
            _newest(lk, name, metric, lang)
            for metric in ("bits_per_byte", "needle_accuracy")
            for lang in ("ko", "en")
        ]
        rows.append([rung, *run, *found])
    return shown(columns, rows)


def _newest(lk: "Lake", run: str, metric: str, lang: str) -> float | None:
    """The newest value of a metric, the mean over its tasks."""
    rows = lk.sql(
        "select avg(value) from (select arg_max(value, created_at) as value from evals where "
        "run = $run and metric = $metric and lang = $lang and source is null "
        "and synthesizer is null group by task)",
        run=run,
        metric=metric,
        lang=lang,
    ).fetchall()
    return None if rows[0][0] is None else float(rows[0][0])
