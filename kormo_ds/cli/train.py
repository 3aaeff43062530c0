"""`kormo train`: check a run, start DeepSpeed's launcher, record the run in the lake."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.errors import BadConfig

if TYPE_CHECKING:
    from kormo_ds.config import Run


def train(
    words: Annotated[list[str], typer.Argument(help="RUN, then settings a.b=c", metavar="RUN …")],
    lake: Annotated[
        str | None, typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake.")
    ] = None,
    print_ds_config: Annotated[
        bool, typer.Option("--print-ds-config", help="Print DeepSpeed's configuration and end.")
    ] = False,
    profile: Annotated[
        str, typer.Option("--profile", help="Trace these steps, e.g. 10-12 (log.profile).")
    ] = "",
) -> None:
    """Train RUN on all GPUs, or with two CPU processes; go on from its newest checkpoint."""
    from kormo_ds.cli import launch
    from kormo_ds.compose import load_run

    name, *settings = words
    if "=" in name:
        raise BadConfig("name the run first, e.g.: kormo train demo train.steps=10")
    if profile:
        settings.append(f"log.profile={profile}")
    run = load_run(name, settings)
    settings += _sequences_in(lake, run)
    run = load_run(name, settings)
    if _checked(run, launch.n_ranks(run), print_ds_config):
        print(f"all {run.train.steps:,} steps are done in {run.path}")
    elif print_ds_config:
        return
    else:
        launch.check(run)
        module = "kormo_ds.cli.rank" if run.evaluation.names else "kormo_ds.train"
        launch.start(run, [module, name, *settings])
    if not run.launch.node_rank:  # one host of several records
        _record(lake, run)


def _sequences_in(lake_root: str | None, run: "Run") -> list[str]:
    """The setting that places sequences known by their name alone in the lake."""
    names = {"data": run.data.sequences, "validation": run.validation.sequences}
    known = {block: name for block, name in names.items() if name and "/" not in name}
    if not known:
        return []
    import lake

    lk = lake.open(lake_root)
    return [f"{block}.sequences={lk.path('sequences', name)}" for block, name in known.items()]


def _checked(run: "Run", n_ranks: int, print_ds_config: bool) -> bool:
    """Refuse here what all ranks would refuse half a minute later; True if nothing is left."""
    from kormo_ds.cli import eval_tasks
    from kormo_ds.run_record import manifest
    from kormo_ds.run_record.state import State, check
    from kormo_ds.train import batches, data, ds_config

    if run.evaluation.names:
        eval_tasks.require()
    table = data.open_sequences(run)
    data.tokenizer(run, table)
    cut = batches.plan(run.train, table.length, n_ranks)
    if print_ds_config:
        print(json.dumps(ds_config.render(run, cut), indent=2))
        return False
    found = manifest.complete(run.path / "checkpoints")
    if not found:
        return False
    state = State.read(found[-1])
    check(run, state, table.fingerprint, found[-1])
    return state.step >= run.train.steps and (run.path / "summary.json").exists()


def _record(lake_root: str | None, run: "Run") -> None:
    """One row of the lake's `runs` for a finished run, from its summary.json."""
    import pyarrow as pa

    import lake

    summary: dict[str, Any] = json.loads((run.path / "summary.json").read_text())
    try:
        lk = lake.open(lake_root)
    except lake.NoLake as error:
        print(f"the run is not recorded: {error}")
        return
    known = f"run_id = '{summary['run_id']}'"
    if lk.exists("runs") and lk.dataset("runs").count_rows(filter=known):
        return
    summary["created_at"] = datetime.fromisoformat(summary["created_at"])
    lk.append("runs", pa.Table.from_pylist([summary], schema=lk.schema("runs")))
    last = f"loss {summary['first_loss']:.3f} → {summary['last_loss']:.3f}"
    print(f"recorded run '{run.name}': {last}, {summary['checkpoint']}")
