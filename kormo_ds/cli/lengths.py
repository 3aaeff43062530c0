"""`kormo mixture lengths`: how long a mixture's documents are beside the rows that they go into."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.pack.lengths import Lengths


@dataclass
class Settings:
    """What the lengths are compared with."""

    length: int = 4096
    """Tokens in a row."""
    tokenizer: str = ""
    """Whose tokens; by default the tokenizer that the mixture was counted with."""


def lengths(
    words: Annotated[
        list[str],
        typer.Argument(
            help="NAME or NAME@VERSION, then length=32768 tokenizer=NAME",
            metavar="NAME [SETTING=VALUE]...",
        ),
    ],
    lake: Annotated[
        str | None, typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake.")
    ] = None,
) -> None:
    """Documents and tokens by length and component; rows and padding that packing will make."""
    import lake as lakes
    from kormo_ds.pack.lengths import measure

    names, given = args.split(words)
    if len(names) != 1:
        raise BadInput("name one mixture: kormo mixture lengths NAME length=32768")
    settings = args.settings(Settings, given)
    found = measure(lakes.open(lake), names[0], settings.length, settings.tokenizer)
    typer.echo(said(found))


def said(found: "Lengths") -> str:
    """The bins as a table, then what becomes of them, as text for a terminal."""
    from kormo_ds.cli.show import table

    rows = [
        (
            one.component,
            _span(one.least, one.below),
            one.n_documents,
            one.n_tokens,
            100 * one.n_tokens / found.n_tokens,
        )
        for one in found.bins
    ]
    n_places = found.n_rows * found.length
    return "\n".join(
        [
            table(["component", "tokens each", "documents", "tokens", "percent"], rows),
            f"{found.mixture} in rows of {found.length:,} tokens of {found.tokenizer}, each pass "
            "counted, BOS and EOS included",
            f"longer than a row: {found.n_longer:,} of {found.n_documents:,} documents "
            f"({_share(found.n_longer, found.n_documents)}), with "
            f"{_share(found.n_longer_tokens, found.n_tokens)} of the tokens",
            f"best_fit: {found.n_rows:,} rows, {found.n_padding:,} places of padding "
            f"({_share(found.n_padding, n_places)}); cut are the documents longer than a row",
            f"concat: {found.n_concat_rows:,} rows, no padding; cut or left over are "
            f"{found.n_concat_cut:,} documents ({_share(found.n_concat_cut, found.n_documents)})",
        ]
    )


def _span(least: int, below: int | None) -> str:
    return f"{least:,} or more" if below is None else f"{least:,} to {below - 1:,}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %"
