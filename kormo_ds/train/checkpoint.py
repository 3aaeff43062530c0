"""Write a checkpoint, find the newest, load it so that training goes on as if it had never stopped.

    checkpoints/step-000100/
      manifest.json     sizes and hashes; written last (`kormo_ds.train.manifest`)
      deepspeed/        DeepSpeed's own files: masters, AdamW's moments, counters; for resuming
      weights/          fp32 parameters in safetensors; for everything else
      state.json        position in the data, identity of the run, wandb's id
      rng/              states of the random generators of every rank
      tokenizer.json, run.yaml

DeepSpeed's part can be loaded by as many ranks at the same ZeRO stage only; that is checked before.
"""

import json
import random
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from deepspeed.accelerator import get_accelerator

from kormo_ds.compose import to_yaml
from kormo_ds.config import Run
from kormo_ds.errors import Damaged
from kormo_ds.train import manifest, ranks, weights
from kormo_ds.train.state import FILE, State

_TAG = "deepspeed"


def save(engine: Any, run: Run, state: State, tokenizer: bytes) -> Path:
    """Write a complete checkpoint after `state.step` steps, retire old ones; all ranks together.

    Raises:
        KormoError: it cannot be written, e.g. the disk is full. What was there before stays.
    """
    checkpoints = run.path / "checkpoints"
    folder = manifest.folder_of(checkpoints, state.step)
    with ranks.together(f"make {folder}"):
        if ranks.rank() == 0:
            shutil.rmtree(folder, ignore_errors=True)
            for part in ("rng", "weights"):
                (folder / part).mkdir(parents=True)
    _save_engine(engine, folder)
    weights.write(engine, folder / "weights")
    with ranks.together(f"write {folder}"):
        torch.save(_random_states(), folder / "rng" / f"rank-{ranks.rank():05d}.pt")
        if ranks.rank() == 0:
            (folder / "tokenizer.json").write_bytes(tokenizer)
            (folder / "run.yaml").write_text(to_yaml(run))
            (folder / FILE).write_text(json.dumps(asdict(state), indent=1))
    files: list[manifest.File] = []
    with ranks.together(f"read back {folder}"):
        files = manifest.share(folder, ranks.rank(), ranks.world())
    shares = ranks.gathered(files)
    with ranks.together(f"complete {folder}"):
        if ranks.rank() == 0:
            manifest.commit(folder, [file for part in shares for file in part])
            manifest.retire(checkpoints, run.checkpoint.keep)
    return folder


def newest(run: Run) -> tuple[Path, State] | None:
    """The newest complete checkpoint of the run and its state, verified; None if there is none.

    Raises:
        Damaged: its files are not those of its manifest.
    """
    found = manifest.complete(run.path / "checkpoints")
    if not found:
        return None
    with ranks.together(f"read {found[-1]}"):
        manifest.verify(found[-1], ranks.rank(), ranks.world())
    return found[-1], State.read(found[-1])


def load(engine: Any, folder: Path) -> None:
    """Put the checkpoint's weights, moments, counters and random states in place; all ranks."""
    path, _ = engine.load_checkpoint(str(folder), tag=_TAG, load_lr_scheduler_states=False)
    if path is None:
        raise Damaged(f"DeepSpeed found nothing to load in {folder / _TAG}")
    states = torch.load(folder / "rng" / f"rank-{ranks.rank():05d}.pt", weights_only=True)
    torch.set_rng_state(states["torch"])
    if get_accelerator().device_name() != "cpu":
        get_accelerator().set_rng_state(states["device"])
    version, internal, gauss = states["python"]
    random.setstate((version, tuple(internal), gauss))
    name, keys, *rest = states["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))


def _save_engine(engine: Any, folder: Path) -> None:
    """DeepSpeed's part. It waits for all ranks inside, so a rank that fails must say so itself."""
    try:
        engine.save_checkpoint(str(folder), tag=_TAG, save_latest=False)
    except (OSError, RuntimeError) as error:
        if ranks.lost(error):
            raise
        reason = str(error).splitlines()[0]
        raise ranks.Alone(
            f"rank {ranks.rank()} cannot write {folder}: {reason}; make room there "
            f"(checkpoint.keep keeps fewer), then the same command goes on from the one before"
        ) from error


def _random_states() -> dict[str, Any]:
    version, internal, gauss = random.getstate()
    numpy: Any = np.random.get_state(legacy=True)
    name, keys, *rest = numpy
    return {
        "torch": torch.get_rng_state(),
        "device": get_accelerator().get_rng_state(),
        "python": [version, list(internal), gauss],
        "numpy": [name, keys.tolist(), *rest],
    }
