"""A trained model from its checkpoint's folder, or the untrained one its run began with.

The folder is compared with its manifest first, which reads all its files once. The weights then go
tensor by tensor into a model that was made without values, so no second copy of it ever exists.
Float32 on the CPU; bfloat16 on a GPU.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from kormo_ds.compose import load_run
from kormo_ds.config import Run
from kormo_ds.errors import unknown
from kormo_ds.model import Transformer, initial_value
from kormo_ds.progress import Advance, silent
from kormo_ds.run_record import manifest
from kormo_ds.text import tokens

WEIGHTS = ("trained", "init")
"""The checkpoint's own weights, or those that its run began with."""
_INDEX = "model.safetensors.index.json"


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint; `read` finds one."""

    folder: Path
    run: Run
    vocabulary: tokens.Vocabulary

    @property
    def run_folder(self) -> Path:
        """The folder of its run."""
        return self.folder.parent.parent

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its manifest, and so of every file that it holds."""
        return hashlib.sha256((self.folder / manifest.MANIFEST).read_bytes()).hexdigest()

    def name(self, weights: str = "trained") -> str:
        """What the table `evals` calls it: 'step-000100', or 'init'."""
        return self.folder.name if weights == "trained" else "init"

    @torch.no_grad()
    def model(
        self,
        weights: str = "trained",
        device: torch.device | None = None,
        advance: Advance = silent,
    ) -> Transformer:
        """The model, for evaluation only, with the attention that its device allows.

        Args:
            weights: one of `WEIGHTS`.
            device: where to put it; default the GPU if there is one.
            advance: told of each parameter.

        Raises:
            UnknownName: other weights than these.
        """
        if weights not in WEIGHTS:
            raise unknown("weights", weights, WEIGHTS)
        device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        with torch.device("meta"):
            model = Transformer(replace(self.run.model, attention="auto"))
        model.to(torch.float32 if device.type == "cpu" else torch.bfloat16).to_empty(device=device)
        parameters = dict(model.named_parameters())
        advance(0, total=len(parameters))
        values = _trained(self.folder / "weights") if weights == "trained" else self._initial(model)
        for name, value in values:
            parameters.pop(name).copy_(value)
            advance()
        assert not parameters, f"{self.folder} has no values for {sorted(parameters)}"
        return model.requires_grad_(False)

    def _initial(self, model: Transformer) -> Iterator[tuple[str, Tensor]]:
        for name, parameter in model.named_parameters():
            yield name, initial_value(name, parameter.shape, self.run.seed, self.run.model)


def read(path: str | Path) -> Checkpoint:
    """The checkpoint in a folder, or the newest complete one of a run's folder.

    Args:
        path: e.g. data/runs/demo/checkpoints/step-000100, or data/runs/demo.

    Raises:
        BadInput: nothing of the kind there; the checkpoints beside it are named.
        Damaged: it was never finished, or its files are not those of its manifest.
    """
    folder = manifest.find(Path(path))
    manifest.verify(folder)
    return Checkpoint(
        folder, load_run(str(folder / "run.yaml")), tokens.load(str(folder / "tokenizer.json"))
    )


def _trained(folder: Path) -> Iterator[tuple[str, Tensor]]:
    """Name and float32 value of each parameter in a folder of safetensors."""
    places: dict[str, str] = json.loads((folder / _INDEX).read_text())["weight_map"]
    for shard in sorted(set(places.values())):
        with safe_open(folder / shard, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - a safetensors file is not a mapping
                yield name, file.get_tensor(name)
