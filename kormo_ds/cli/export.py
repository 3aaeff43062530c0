"""`kormo export hf`: a checkpoint for transformers, vLLM and llama.cpp."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadInput, unknown

if TYPE_CHECKING:
    from lake import Lake

app = typer.Typer(help="Write checkpoints for other programs.", no_args_is_help=True)


@dataclass
class _Export:
    """The settings of an export."""

    dtype: str = "bf16"
    temperature: float = 0.0


@app.command()
def hf(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A checkpoint's or a run's folder, a new folder, then dtype=bf16 or fp32, and "
            "temperature=0, at which programs draw by default.",
            metavar="CHECKPOINT FOLDER [SETTING=VALUE]...",
        ),
    ],
    lake: Annotated[
        str | None,
        typer.Option("--lake", envvar="KORMO_LAKE", help="Root of the lake, for the card."),
    ] = None,
) -> None:
    """Write a checkpoint as Hugging Face's LlamaForCausalLM, with tokenizer and model card.

    The card says what the lake knows of its mixtures and evaluations: --lake, $KORMO_LAKE, or the
    one in ./data/lake; without any, it says that this is missing.
    """
    from kormo_ds.export import llama
    from kormo_ds.progress import bar

    places, settings = args.split(words)
    if len(places) != 2:
        raise BadInput("say what and where to: kormo export hf CHECKPOINT FOLDER")
    asked = args.settings(_Export, settings)
    if asked.dtype not in llama.DTYPES:
        raise unknown("dtype", asked.dtype, llama.DTYPES)
    lk = _lake(lake)
    with bar("exporting", unit="tensors") as advance:
        done = llama.export(places[0], Path(places[1]), asked.dtype, lk, advance, asked.temperature)
    typer.echo(
        f"exported {done.checkpoint} to {done.folder}: "
        f"{done.n_parameters:,} parameters in {asked.dtype}"
        + (f"; left out {done.left_out} tensors of multi-token prediction" if done.left_out else "")
        + ("" if lk else "; its card knows no lake: name one with --lake")
    )


def _lake(root: str | None) -> "Lake | None":
    """The lake that is named, or the default one if it is there."""
    import lake

    try:
        return lake.open(root)
    except lake.NoLake:
        if root is not None:
            raise
        return None
