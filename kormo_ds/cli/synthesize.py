"""`kormo synthesize`: documents that LLMs write from seeds of the lake, as a plan says."""

from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import asking
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.generate.synthesize import Written


def synthesize(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="PLAN or PLAN.yaml, then settings: seeds.limit=1000 prompts.qa_ko=0 "
            "synthesizers.NAME=1 …",
            metavar="PLAN [SETTING=VALUE]...",
        ),
    ] = None,
    endpoints: asking.Endpoints = asking.FILE,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
    dry_run: asking.DryRun = False,
) -> None:
    """Ask LLMs what a plan asks, and write their answers as documents; alone, list plans.

    A killed run goes on with the same command, and what was answered is never asked again. What
    cannot be a document goes into the table `rejects`; the step synthetic checks the others.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.cli.args import split
    from kormo_ds.generate import plan as plans
    from kormo_ds.generate.endpoint import read_endpoints
    from kormo_ds.generate.synthesize import keep_prompts, work, write_documents

    names, settings = split(words or [])
    if not words:
        typer.echo(listed())
        return
    if len(names) != 1:
        raise BadInput(f"one plan is asked for, not {len(names)}; kormo synthesize lists them")
    plan = plans.read(names[0], [f"{key}={value}" for key, value in settings.items()])
    described = read_endpoints(endpoints)
    lk = lakes.open(lake)
    asked_for = work(lk, plan, described)
    if dry_run:
        typer.echo(asking.estimated(lk, described, asked_for))
        return
    keep_prompts(lk, plan)
    found = asking.asked(lk, described, asked_for, f"synthesize:{plan.name}")
    with progress.bar("writing documents", unit="requests") as advance:
        done = write_documents(lk, plan, described, advance)
    typer.echo(summary(done))
    asking.complain(found)


def listed() -> str:
    """The plans and the prompts that there are, as text for a terminal."""
    from kormo_ds.cli.show import table
    from kormo_ds.generate import plan, prompt

    plans = [
        (name, made.source, made.seeds.query, len(made.used), ", ".join(made.endpoints))
        for name, made in ((name, plan.read(name)) for name in plan.known())
    ]
    prompts = [
        (made.name, made.language, made.style, made.purpose)
        for made in map(prompt.read, prompt.library().values())
    ]
    return "\n\n".join(
        (
            table(["plan", "source", "seeds", "prompts", "synthesizers"], plans),
            table(["prompt", "language", "style", "purpose"], prompts, widest=80),
        )
    )


def summary(done: "Written") -> str:
    """What became of the answers, as text for a terminal."""
    from kormo_ds.cli.show import table

    rows = [
        ("documents added", done.n_added),
        *((f"  {name}", n) for name, n in sorted(done.by_synthesizer.items())),
        ("present before", done.n_present),
        ("answers rejected", done.n_rejected),
        *((f"  {reason}", n) for reason, n in done.rejected.most_common()),
        ("requests without an answer", done.n_waiting),
        ("requests", done.n_requests),
    ]
    return table([f"synthesize {done.ingest_run}", "number"], rows)
