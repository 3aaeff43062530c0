"""`kormo dedup`: find what is there already, and write it as columns."""

from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.dedup.run_bff import Forecast, Report
    from lake import Lake

app = typer.Typer(help="Find duplicates and write them as columns.", no_args_is_help=True)
Root = Annotated[str | None, typer.Option("--lake", help="Root of the lake.")]
Words = Annotated[
    list[str] | None, typer.Argument(help="Settings a=b.", metavar="[SETTING=VALUE]...")
]


@app.command()
def exact(words: Words = None, lake: Root = None) -> None:
    """Find documents with the same text: columns exact_dup_of, exact_reason.

    Settings: normalize (none, nfc, no_space), keep, text, after. docs/dedup.md says what each
    means. Run again after new documents came, or after a kill: what is judged stays judged.
    """
    _judge("exact", words, lake)


@app.command()
def minhash(words: Words = None, lake: Root = None) -> None:
    """Find documents with nearly the same words: minhash_dup_of, minhash_cluster, minhash_reason.

    Settings: ngram, n_bands, rows, min_jaccard, keep, text, after. docs/dedup.md says what each
    means. Run again after new documents came, or after a kill: what is judged stays judged.
    """
    _judge("minhash", words, lake)


@app.command()
def bff(words: Words = None, lake: Root = None) -> None:
    """Find paragraphs and documents whose n-grams came before, with a Bloom filter, in row order.

    Settings: mode (paragraph, document, old-both, exact, keep_one), unit (word, syllable),
    min_ngram, max_ngram, threshold, fp, expected, text, after. docs/bff.md says what each means.
    Run again after new documents came, or after a kill: the filter goes on where it was.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.dedup import run_bff
    from kormo_ds.dedup.bff import Settings

    lk = lakes.open(lake)
    settings = args.settings(Settings, _values(lk, "bff", words, "mode=old-both"))
    with progress.bar("dedup bff", unit="documents") as advance:
        report = run_bff.run(lk, settings, advance, _announce)
    _print(lk, report)


def _judge(name: str, words: list[str] | None, root: str | None) -> None:
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.cli.step import summary
    from kormo_ds.dedup import METHODS
    from kormo_ds.dedup.run import run

    lk = lakes.open(root)
    method = args.settings(METHODS[name], _values(lk, name, words, "keep=longest"))
    with progress.bar(f"dedup {name}", unit="documents") as advance:
        filled = run(lk, method, advance, typer.echo)
    typer.echo(summary(filled))


def _values(lk: "Lake", method: str, words: list[str] | None, example: str) -> dict[str, str]:
    from kormo_ds.dedup import after

    names, values = args.split(words or [])
    if names:
        raise BadInput(f"'{names[0]}' is no setting; write NAME=VALUE, e.g. {example}")
    if values.get("after") == after.KEPT:
        values["after"] = after.deciding(lk, method)
        typer.echo(f"after={values['after']}")
    return values


def _announce(forecast: "Forecast") -> None:
    plan, gigabytes = forecast.plan, f"{forecast.n_bytes / 1e6:,.1f} MB"
    typer.echo(
        f"{forecast.n_rows:,} documents to judge; all hold about {forecast.n_ngrams:,} n-grams"
    )
    if forecast.continues:
        typer.echo(f"filter goes on after {forecast.continues:,} documents, {gigabytes}")
    elif plan:
        typer.echo(
            f"filter for {plan.n_entries:,} n-grams at fp {plan.fp:g}: {gigabytes} of memory "
            f"({plan.n_bytes / plan.n_entries:.2f} bytes an n-gram), "
            f"{forecast.available / 1e9:,.1f} GB are free"
        )
    else:
        typer.echo(
            f"set of paragraphs: about {gigabytes}, {forecast.available / 1e9:,.1f} GB are free"
        )


def _print(lk: "Lake", report: "Report") -> None:
    from kormo_ds.cli.show import table
    from kormo_ds.cli.step import summary
    from kormo_ds.dedup import alarms

    typer.echo(summary(report.filled))
    seen = report.seen
    entries = "n-grams" if seen.plan else "paragraphs"
    typer.echo(f"filter: {seen.n_added:,} distinct {entries}, {seen.words.nbytes / 1e6:,.1f} MB")
    if seen.plan:
        typer.echo(f"false positives: {seen.fp:.2g} measured, {seen.plan.fp:g} planned")
    if not report.filled.rows:
        return
    rows = alarms.losses(lk, report.settings.text)
    shown = [(r.lang, r.source, r.documents, r.removed, f"{r.share:.1%}") for r in rows]
    typer.echo(table(["lang", "source", "documents", "without text", "bytes removed"], shown))
    for line in alarms.lines(report, rows):
        typer.echo(f"ALARM: {line}", err=True)
