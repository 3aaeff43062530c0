"""`kormo translate`: documents into another language, and how well they come back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.cli import args, asking
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    import lake as lakes
    from kormo_ds.generate.asker import Asked
    from kormo_ds.generate.endpoint import Endpoint
    from kormo_ds.generate.translate.run import Translated
    from kormo_ds.generate.translate.work import How


def translate(
    words: Annotated[
        list[str] | None, typer.Argument(help="Settings a=b.", metavar="[SETTING=VALUE]...")
    ] = None,
    endpoints: asking.Endpoints = asking.FILE,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
    dry_run: asking.DryRun = False,
) -> None:
    """Translate documents by an LLM: to=ko endpoint=NAME where="source = 'web'" (or select=QUERY).

    Texts are cut into pieces, and conversations are translated turn by turn. The translations are
    new documents, which the step `translation` compares with their sources; back=0.02 translates a
    sample of them back. The same command goes on after a kill. docs/translation.md tells the rest.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.errors import unknown
    from kormo_ds.generate.endpoint import read_endpoints
    from kormo_ds.generate.translate import chosen, run, score
    from kormo_ds.generate.translate.settings import Settings
    from kormo_ds.generate.translate.work import How
    from kormo_ds.recorded import prompts

    rest, values = args.split(words or [])
    if rest:
        raise BadInput(f"'{rest[0]}' is no setting; write NAME=VALUE, e.g. to=ko")
    settings = args.settings(Settings, values)
    described = read_endpoints(endpoints)
    there, back = settings.endpoint, settings.back_endpoint or settings.endpoint
    for name in (there, back):
        if name not in described:
            raise unknown("endpoint", name, described, f"{endpoints} describes them")
    how = How(settings.forth(), described[there].synthesizer, settings)
    home = score.backwards(how, described[back].synthesizer) if settings.back else None
    lk = lakes.open(lake)
    documents = chosen.choose(lk, settings)
    work = run.work(documents, how, there)
    left_out = f", {documents.n_left_out:,} others left out" if documents.n_left_out else ""
    typer.echo(f"{len(documents.rows):,} documents in {settings.lang}{left_out}")
    typer.echo(asking.estimated(lk, described, work))
    if dry_run:
        return
    prompts.keep(lk, how.prompt.name, how.prompt.text)
    asked = asking.asked(lk, described, work, f"translate:{how.prompt.id}")
    with progress.bar("writing", len(documents.rows), "documents") as advance:
        _print(run.finish(lk, documents, how, described[there], advance))
    if home is not None and not any(one.stopped for one in asked):
        asked += _score(lk, described, how, home, back)
    asking.complain(asked)


def _score(
    lk: "lakes.Lake", endpoints: "dict[str, Endpoint]", how: "How", home: "How", back: str
) -> "list[Asked]":
    from kormo_ds.generate.translate import run, score
    from kormo_ds.recorded import prompts

    drawn = score.sample(lk, how, home)
    n = len(drawn.documents.rows)
    typer.echo(f"{n:,} translations to translate back")
    if not n:
        return []
    work = run.work(drawn.documents, home, back)
    prompts.keep(lk, home.prompt.name, home.prompt.text)
    asked = asking.asked(lk, endpoints, work, f"translate:{home.prompt.id}")
    scores, n_failed = score.finish(lk, drawn, how, home, endpoints[back])
    if scores:
        mean, least = sum(scores) / len(scores), min(scores)
        typer.echo(
            f"chrF of {len(scores):,} translated back: {mean:.1f} in the mean, {least:.1f} least"
        )
    if n_failed:
        typer.echo(f"{n_failed:,} did not come back whole and have no score")
    return asked


def _print(done: "Translated") -> None:
    from kormo_ds.cli.show import table

    typer.echo(
        f"{done.n_added:,} documents added, {done.n_present:,} were there already, "
        f"{done.rejected.total():,} rejected, {done.n_waiting:,} without all answers yet"
    )
    rows: list[list[Any]] = [[why, n, done.examples[why]] for why, n in done.rejected.most_common()]
    if rows:
        typer.echo(table(["reason", "documents", "e.g."], rows, widest=100))
