"""`kormo trace`: from a row of tokens to its documents in the lake, and back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.cli.args import split
from kormo_ds.errors import BadInput, unknown

if TYPE_CHECKING:
    from kormo_ds.sequences import Sequences
    from lake import Lake

COLUMNS = "lang,source,origin"
"""Columns of `documents` that are shown where none are asked for."""
TOKENS_SHOWN = 16
"""Tokens at the beginning of a piece that are shown as text."""


def trace(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="SEQUENCES ROW, or SEQUENCES doc=ID, then name=value."),
    ] = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="A run's folder, in the place of SEQUENCES ROW.")
    ] = None,
    step: Annotated[int | None, typer.Option("--step", help="The step of that run.")] = None,
) -> None:
    """Print the documents of a row, with doc=ID the rows of a document, or those of a run's step.

    Settings: columns=lang,source,origin (any columns of documents), token=N for the piece of one
    token, doc=ID for the way back. With --run and --step: columns, and documents=20 at most.
    """
    import lake as lakes
    from kormo_ds import sequences
    from kormo_ds.cli import args, trace_step
    from kormo_ds.cli.show import table

    names, settings = split(words or [])
    if run is not None or step is not None:
        if run is None or step is None or names:
            raise BadInput("a step is named by both: kormo trace --run data/runs/NAME --step N")
        trace_step.show(lakes.open(lake), run, step, args.settings(trace_step.Settings, settings))
        return
    for key in settings:
        if key not in ("columns", "token", "doc"):
            raise unknown("setting", key, ["columns", "token", "doc"])
    if len(names) != (1 if "doc" in settings else 2):
        raise BadInput("say which row: kormo trace SEQUENCES ROW, or kormo trace SEQUENCES doc=ID")
    lk = lakes.open(lake)
    rows = sequences.open(lk.path("sequences", names[0]))
    if "doc" in settings:
        found = holding(rows, settings["doc"])
        typer.echo(table(["row", "tokens", "offset", "component"], found))
        return
    row = _number("row", names[1], rows.n_rows)
    token = _number("token", settings["token"], rows.length) if "token" in settings else None
    columns = [name for name in settings.get("columns", COLUMNS).split(",") if name]
    typer.echo(f"row {row} of {names[0]}, packed from mixture {rows.facts['mixture']}")
    typer.echo(
        table(
            ["piece", "tokens", "doc_id", "offset", "component", *columns, "begins"],
            pieces(lk, rows, row, token, columns),
        )
    )


def pieces(
    lk: "Lake", rows: "Sequences", row: int, token: int | None, columns: list[str]
) -> list[list[Any]]:
    """One line a piece of `row`, or for the one at `token`: its document's columns, first words."""
    from kormo_ds.text import tokens
    from kormo_ds.trace import documents

    tokenizer = tokens.parse(
        lk.read_bytes("sequences", rows.facts["name"], tokens.FILE), rows.facts["tokenizer"]
    ).tokenizer
    found = [
        (i, piece)
        for i, piece in enumerate(rows.pieces(row))
        if token is None or piece.start <= token < piece.end
    ]
    known = documents.known(lk, rows, (piece.doc_id for _, piece in found), columns)
    return [
        [
            i,
            f"{piece.start}-{piece.end - 1}",
            piece.doc_id or "(padding)",
            piece.offset,
            piece.component,
            *(known.get(piece.doc_id, {}).get(name) for name in columns),
            tokenizer.decode(piece.input_ids[:TOKENS_SHOWN].tolist()).strip("\ufffd \n"),
        ]
        for i, piece in found
    ]


def holding(rows: "Sequences", doc_id: str) -> list[list[Any]]:
    """One line a piece of the document, over all rows.

    Raises:
        BadInput: no row holds it.
    """
    lines = [
        [int(row), f"{piece.start}-{piece.end - 1}", piece.offset, piece.component]
        for row in rows.holding(doc_id)
        for piece in rows.pieces(int(row))
        if piece.doc_id == doc_id
    ]
    if not lines:
        raise BadInput(
            f"no row of {rows.facts['name']} holds document '{doc_id}'; it is not in mixture "
            f"{rows.facts['mixture']}, or all of it is among the "
            f"{rows.facts['n_tokens_left_over']} tokens left over"
        )
    return lines


def _number(what: str, text: str, n: int) -> int:
    """The number of a row or token.

    Raises:
        BadInput: no number, or too large.
    """
    if not text.isdigit() or int(text) >= n:
        raise BadInput(f"there is no {what} {text}; {what}s go from 0 to {n - 1}")
    return int(text)
