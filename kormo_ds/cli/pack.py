"""`kormo pack`: a recorded mixture becomes rows of tokens."""

from typing import Annotated

import typer

from kormo_ds.cli.args import settings, split
from kormo_ds.errors import BadInput


def pack(
    words: Annotated[
        list[str],
        typer.Argument(help="MIXTURE or MIXTURE@VERSION, then settings as name=value."),
    ],
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
) -> None:
    """Pack a recorded mixture into rows of tokens: tokenizer=NAME length=4096 strategy=concat.

    strategy=concat cuts wherever a row ends; best_fit cuts no document that fits into a row.
    render=chat writes conversations by the chat template, of which rule=kormo or assistant says
    what is scored; render=reasoning writes them as text, with their thoughts. The
    rows are kept in the lake, in sequences/NAME (name=NAME; default: the mixture's name). A killed
    pack goes on where it was. groups=true keeps what validation tells documents apart by.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.cli.show import table
    from kormo_ds.pack import Settings
    from kormo_ds.pack import pack as run

    names, values = split(words)
    if len(names) != 1:
        raise BadInput(f"one MIXTURE is needed, not {len(names)}: kormo pack MIXTURE")
    chosen = settings(Settings, values)
    lk = lakes.open(lake)
    with progress.bar("packing", unit="documents") as advance:
        packed = run(lk, names[0], chosen, advance)
    facts = packed.facts
    done = "is packed already" if packed.was_there else "is packed"
    typer.echo(
        f"mixture {facts['mixture']} {done} as '{facts['name']}' with tokenizer "
        f"{facts['tokenizer']}, {facts['strategy']}, rows of {facts['length']:,} tokens"
    )
    shown = {
        "rows": facts["n_rows"],
        "documents": facts["n_documents"],
        "tokens in": facts["n_tokens_in"],
        "  packed": facts["n_tokens_packed"],
        "  left over": facts["n_tokens_left_over"],
        "padding": facts["n_padding"],
    }
    more = {
        "n_tokens_scored": "scored",
        "n_dropped": "dropped, longer than a row",
        "n_tokens_dropped": "  their tokens",
    }
    shown |= {label: facts[key] for key, label in more.items() if key in facts}
    typer.echo(table(["sequences " + facts["name"], "number"], list(shown.items())))
