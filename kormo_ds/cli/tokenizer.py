"""`kormo tokenizer`: train one on a mixture, measure it beside others."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from kormo_ds.cli.args import settings, split
from kormo_ds.errors import BadInput

app = typer.Typer(help="Train tokenizers and measure how they compress.", no_args_is_help=True)

Words = Annotated[list[str], typer.Argument(help="NAME, then settings as name=value.")]
Lake = Annotated[str | None, typer.Option("--lake", help="Root of the lake.")]


@app.command()
def train(words: Words, lake: Lake = None) -> None:
    """Train NAME on a recorded mixture: mixture=NAME@VERSION vocab_size=125041.

    Byte-level BPE with Qwen2's split pattern; KORMo's special tokens come last. The tokenizer is
    kept in the lake, in tokenizers/NAME/tokenizer.json; a name is given once.
    """
    import sys

    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.tokenizer import Settings
    from kormo_ds.tokenizer import train as run

    names, values = split(words)
    if len(names) != 1:
        raise BadInput(f"one NAME is needed, not {len(names)}: kormo tokenizer train NAME")
    chosen = settings(Settings, values)
    lk = lakes.open(lake)
    if sys.stderr.isatty():
        trained = run(lk, names[0], chosen, rust_bar=True)
    else:
        with progress.bar("reading", unit="documents") as advance:
            trained = run(lk, names[0], chosen, advance)
    facts = trained.facts
    done = "is there already" if trained.was_there else "is trained"
    typer.echo(
        f"tokenizer {facts['name']} {done}: {facts['size']:,} tokens (rows of an embedding: "
        f"{facts['padded_size']:,}) from {facts['n_documents']:,} documents, "
        f"{facts['n_bytes'] / 1e6:,.1f} MB, of mixture {facts['mixture']}"
    )
    if facts["size"] < facts["vocab_size_asked"]:
        typer.echo(
            f"asked were {facts['vocab_size_asked']:,} tokens; the texts have no more to merge"
        )


@dataclass
class MeasureSettings:
    """On what tokenizers are measured."""

    mixture: str = ""
    """NAME or NAME@VERSION; by default what the first tokenizer was trained on."""
    documents: int = 5_000
    """Documents at most, the first ones in the mixture's order."""


@app.command()
def measure(
    words: Annotated[
        list[str],
        typer.Argument(help="Names in the lake or tokenizer.json files, then mixture=NAME."),
    ],
    lake: Lake = None,
) -> None:
    """Print UTF-8 bytes per token by language and source, one column a tokenizer.

    Settings: mixture=NAME@VERSION (default: what the first tokenizer was trained on) and
    documents=5000, the number measured on.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.cli.show import table
    from kormo_ds.recorded import Recorded
    from kormo_ds.text.tokens import any_tokenizer
    from kormo_ds.tokenizer import measure as run
    from kormo_ds.tokenizer.train import facts

    names, values = split(words)
    if not names:
        raise BadInput("name a tokenizer: kormo tokenizer measure NAME [OTHER.json]…")
    chosen = settings(MeasureSettings, values)
    lk = lakes.open(lake)
    tokenizers = [any_tokenizer(lk, name) for name in names]
    trained_on = "" if names[0].endswith(".json") else facts(lk, names[0]).get("mixture", "")
    mixture = chosen.mixture or trained_on
    if not mixture:
        raise BadInput(f"say on what '{names[0]}' is measured with mixture=NAME@VERSION")
    source = Recorded.named(lk, mixture)
    with progress.bar("measuring", unit="documents") as advance:
        found = run(source, tokenizers, chosen.documents, advance)
    typer.echo(
        table(
            ["lang", "source", "documents", "bytes", *(Path(name).stem for name in names)],
            [
                [
                    row.lang,
                    row.source,
                    row.n_documents,
                    row.n_bytes,
                    *(f"{value:.3f}" for value in row.bytes_per_token),
                ]
                for row in found
            ],
        )
    )
    typer.echo(f"UTF-8 bytes per token on mixture {source}; more is better compression")
