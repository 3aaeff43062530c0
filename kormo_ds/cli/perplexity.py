"""`kormo perplexity`: models of n-grams for the step of that name."""

from typing import Annotated

import typer

from kormo_ds.cli.args import settings, split
from kormo_ds.errors import BadInput

app = typer.Typer(help="Train language models that score documents.", no_args_is_help=True)

Lake = Annotated[str | None, typer.Option("--lake", help="Root of the lake.")]


@app.command()
def train(
    words: Annotated[list[str], typer.Argument(help="NAME, then settings as name=value.")],
    lake: Lake = None,
) -> None:
    """Train NAME on a recorded mixture: mixture=NAME@VERSION lang=ko order=5.

    Or on query='select doc_id, lang, text_clean from documents where …'. The model is kept in the
    lake, in perplexity/NAME; a name is given once. Then: kormo step run perplexity
    perplexity.model=NAME
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.perplexity import Settings
    from kormo_ds.perplexity import train as run

    names, values = split(words)
    if len(names) != 1:
        raise BadInput(f"one NAME is needed, not {len(names)}: kormo perplexity train NAME")
    chosen = settings(Settings, values)
    lk = lakes.open(lake)
    with progress.bar("reading", unit="documents") as advance:
        trained = run(lk, names[0], chosen, advance)
    facts, model = trained.model.facts, trained.model.ngrams
    done = "is there already" if trained.was_there else "is trained"
    counted = ", ".join(f"{n:,} {lang}" for lang, n in facts["n_documents"].items())
    typer.echo(
        f"perplexity model {names[0]} {done}: {model.n_types:,} pieces, n-grams of up to "
        f"{model.order}, from {counted} documents, {facts['n_bytes'] / 1e6:,.1f} MB"
    )
    for lang, edges in trained.model.edges.items():
        typer.echo(
            f"{lang}: perplexity {edges[49]:,.0f} at the median of held-out documents, "
            f"{edges[94]:,.0f} at the 95th percentile"
        )


@app.command("list")
def list_(lake: Lake = None) -> None:
    """List the models of the lake."""
    import lake as lakes
    from kormo_ds.cli.show import table
    from kormo_ds.text import perplexity_model

    lk = lakes.open(lake)
    models = [
        perplexity_model.load(perplexity_model.folder(lk, name))
        for name in perplexity_model.names(lk)
    ]
    rows = [
        (m.name, ", ".join(m.edges), m.facts.get("mixture") or m.facts.get("query"), m.ngrams.order)
        for m in models
    ]
    typer.echo(table(["model", "languages", "trained on", "order"], rows, widest=60))
