"""`kormo export`: a checkpoint for transformers, vLLM and llama.cpp."""

from pathlib import Path
from typing import Annotated

import typer

from kormo_ds.cli.args import split
from kormo_ds.errors import BadInput, unknown


def export(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A checkpoint's or a run's folder, a new folder, then dtype=bf16 or fp32.",
            metavar="CHECKPOINT FOLDER [dtype=bf16]",
        ),
    ],
) -> None:
    """Write a checkpoint as Hugging Face's LlamaForCausalLM, with its tokenizer."""
    from kormo_ds.export import llama
    from kormo_ds.progress import bar

    places, settings = split(words)
    if len(places) != 2:
        raise BadInput("say what and where to: kormo export CHECKPOINT FOLDER")
    for key in settings:
        if key != "dtype":
            raise unknown("setting", key, ["dtype"])
    dtype = settings.get("dtype", "bf16")
    if dtype not in llama.DTYPES:
        raise unknown("dtype", dtype, llama.DTYPES)
    with bar("exporting", unit="tensors") as advance:
        done = llama.export(places[0], Path(places[1]), dtype, advance)
    typer.echo(
        f"exported {done.checkpoint} to {done.folder}: {done.n_parameters:,} parameters in {dtype}"
        + (f"; left out {done.left_out} tensors of multi-token prediction" if done.left_out else "")
    )
