"""`kormo eval tasks`: a checkpoint on tasks of lm-evaluation-harness."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadConfig, BadInput

if TYPE_CHECKING:
    from kormo_ds.eval.checkpoint import Checkpoint
    from kormo_ds.eval.harness.adapter import Model
    from kormo_ds.eval.harness.number import Number

Root = Annotated[str | None, typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake.")]


@dataclass
class Settings:
    """What a checkpoint is asked, and how."""

    tasks: str = ""
    """Names with commas between them."""
    suite: str = ""
    """A list of tasks with their shots, as 'paper'."""
    data: str = ""
    """The folder of the tasks' files; '' takes all from the hub."""
    limit: int | None = None
    """The first so many questions of each task."""
    num_fewshot: int | None = None
    """Examples before each question; else those of the suite or of the task."""
    allow_code: bool = False
    """May tasks run what the model wrote?"""
    weights: str = "trained"
    """trained, or init for the untrained model that the run began with."""
    length: int = 0
    """Tokens that a request may have; 0 takes the model's positions."""
    batch_tokens: int = 8192
    """Tokens that go through the model at a time."""


@dataclass
class Asked:
    """What became of all tasks."""

    numbers: "list[Number]" = field(default_factory=list)
    n_tasks: int = 0
    missing: dict[str, str] = field(default_factory=dict)
    """Why, by the task's name."""


def tasks(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A checkpoint's or a run's folder, then tasks=kobest_boolq,arc_easy or "
            "suite=paper, data=FOLDER limit=100 num_fewshot=0 allow_code=true weights=init "
            "length=4096 batch_tokens=8192",
            metavar="CHECKPOINT [SETTING=VALUE]...",
        ),
    ],
    lake: Root = None,
) -> None:
    """Scores on tasks of lm-evaluation-harness, with standard errors, into `evals`.

    data= names a folder of the tasks' own files where the hub is out of reach. An evaluation that
    was killed goes on with the same words: what was scored is not asked again.
    """
    import pyarrow as pa

    import lake as lakes
    from kormo_ds.cli.show import table
    from kormo_ds.eval import checkpoint
    from kormo_ds.eval.harness.number import rows

    places, given = args.split(words)
    if len(places) != 1:
        raise BadInput("name one checkpoint, e.g.: kormo eval tasks data/runs/demo tasks=piqa")
    settings = args.settings(Settings, given)
    require()
    plan = planned(settings)
    lk = lakes.open(lake)
    asked = checkpoint.read(places[0])
    found = run(asked, settings, plan)
    name = asked.name(settings.weights)
    if found.numbers:
        kept = rows(found.numbers, run=asked.run.name, checkpoint=name)
        lk.append("evals", pa.Table.from_pylist(kept, schema=lk.schema("evals")))
        if settings.weights == "trained":
            _to_wandb(asked, found.numbers)
    typer.echo(f"tasks of run {asked.run.name}, {name}")
    columns = ["task", "metric", "value", "stderr", "n"]
    typer.echo(
        table(columns, [[str(n.protocol), n.metric, n.value, n.stderr, n.n] for n in found.numbers])
    )
    for line in left_out(found):
        typer.echo(line)
    if not found.numbers:
        raise BadInput("no task could be asked; give their files with data=FOLDER")


def require() -> None:
    """Raise BadConfig unless the harness is installed."""
    import importlib.util

    if importlib.util.find_spec("lm_eval") is None:
        raise BadConfig("tasks need lm-evaluation-harness: pip install 'kormo-ds[eval]'")


def planned(settings: Settings) -> list[tuple[list[str], int | None]]:
    """Names of tasks with the shots that they get.

    Raises:
        BadInput: neither tasks nor a suite, or numbers that cannot be.
        UnknownName: no such suite.
    """
    from kormo_ds.eval import suite
    from kormo_ds.eval.harness import measure

    measure.check(settings.limit, settings.num_fewshot)
    names = [name for name in settings.tasks.replace(" ", "").split(",") if name]
    plan = [(names, settings.num_fewshot)] if names else []
    if settings.suite:
        shots: dict[int | None, list[str]] = {}
        for entry in suite.read(settings.suite).entries:
            if entry.task and entry.task not in names:
                own = entry.shots if settings.num_fewshot is None else settings.num_fewshot
                shots.setdefault(own, []).append(entry.task)
        plan += [(list(group), own) for own, group in shots.items()]
    if not plan:
        raise BadInput("name tasks, e.g. tasks=kobest_boolq,arc_easy, or a suite: suite=paper")
    return plan


def run(
    asked: "Checkpoint", settings: Settings, plan: Sequence[tuple[list[str], int | None]]
) -> Asked:
    """Ask a checkpoint; what it answered is kept beside the run until it is removed.

    Raises:
        UnknownName: a task that nobody knows; before the model is loaded.
    """
    from kormo_ds.eval.harness import measure
    from kormo_ds.eval.harness import tasks as known
    from kormo_ds.progress import bar

    done = Asked()
    names = [name for group, _ in plan for name in group]
    with known.manager(names, settings.data) as manager:
        known.check(names, manager)
        loads = [(known.loaded(group, manager, settings.data), n) for group, n in plan]
        for loaded, _ in loads:
            if not settings.allow_code:
                measure.refuse_code(loaded)
            done.missing |= loaded.missing
            done.n_tasks += len(loaded.names) + len(loaded.missing)
        if len(done.missing) < done.n_tasks:
            with bar(f"asking {asked.run.name}", unit="requests") as advance:
                model = _model(asked, settings, advance)
                for loaded, shots in loads:
                    done.numbers += measure.numbers(
                        model,
                        loaded,
                        limit=settings.limit,
                        num_fewshot=shots,
                        allow_code=settings.allow_code,
                    )
    return done


def left_out(found: Asked) -> list[str]:
    """Lines that say which tasks were not asked, and why."""
    if not found.missing:
        return []
    head = f"{len(found.missing)} of {found.n_tasks} tasks have no data here and were left out:"
    return [head, *(f"  {name}: {why}" for name, why in found.missing.items())]


def _model(asked: "Checkpoint", settings: Settings, advance: Any) -> "Model":
    from kormo_ds.cli.stream import loaded
    from kormo_ds.eval.harness import adapter, journal
    from kormo_ds.eval.harness.workers import Alone

    alone = Alone(loaded(asked, settings.weights))
    kind = f"{alone.device.type} {alone.dtype}"
    folder = asked.folder.parent.parent
    kept = journal.of_checkpoint(folder, asked.folder, settings.weights, kind)
    if kept.n_read:
        typer.echo(f"{kept.path} has {kept.n_read:,} answers; they are not asked again", err=True)
    return adapter.Model(
        alone,
        asked.vocabulary,
        journal=kept,
        max_length=settings.length,
        batch_tokens=settings.batch_tokens,
        advance=advance,
    )


def _to_wandb(asked: "Checkpoint", numbers: "Sequence[Number]") -> None:
    """Add the numbers to the run's own page, at the checkpoint's step, where it has one."""
    from kormo_ds.run_record import manifest
    from kormo_ds.run_record.state import State

    log = asked.run.log
    if log.wandb == "disabled":
        return
    import wandb

    session = wandb.init(
        project=log.project,
        id=State.read(asked.folder).run_id,
        name=asked.run.name,
        dir=Path(asked.folder).parent.parent,
        mode=log.wandb,
        resume="allow",
        settings=wandb.Settings(silent=True),
    )
    session.define_metric("*", step_metric="step")
    values = {one.key: one.value for one in numbers}
    session.log(values | {"step": manifest.step_of(asked.folder) - 1})
    session.finish()
