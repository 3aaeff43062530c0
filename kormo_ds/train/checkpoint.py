"""Write a checkpoint, find the newest, load it so that training goes on as if it had never stopped.

    checkpoints/step-000100/
      manifest.json     sizes and hashes; written last (`kormo_ds.run_record.manifest`)
      weights/          fp32 parameters in safetensors, and beside them exp_avg/ and exp_avg_sq/,
      checksums.json    AdamW's moments (`kormo_ds.train.portable`)
      probe.npz         one row; its loss is in state.json (`kormo_ds.train.probe`)
      state.json        position in the data, identity of the run, lineage, wandb's id
      rng/              states of the random generators of every rank
      tokenizer.json, run.yaml

Any number of ranks at any ZeRO stage can load it. DeepSpeed's own files are not written: they fit
the ranks and the stage that wrote them, and would be as much again on disk.
"""

import json
import random
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from deepspeed.accelerator import get_accelerator

from kormo_ds.compose import to_yaml
from kormo_ds.config import Run
from kormo_ds.run_record import manifest
from kormo_ds.run_record.state import FILE, State
from kormo_ds.train import partition, portable, probe, ranks


def save(engine: Any, run: Run, state: State, tokenizer: bytes, row: probe.Probe) -> Path:
    """Write a complete checkpoint after `state.step` steps, retire old ones; all ranks together.

    Raises:
        KormoError: it cannot be written, e.g. the disk is full. What was there before stays.
    """
    checkpoints = run.path / "checkpoints"
    folder = manifest.folder_of(checkpoints, state.step)
    with ranks.together(f"make {folder}"):
        if ranks.rank() == 0:
            shutil.rmtree(folder, ignore_errors=True)
            for part in ("rng", *partition.KINDS):
                (folder / part).mkdir(parents=True)
    portable.write(engine, folder)
    state = replace(
        state,
        adam_steps=partition.adam_steps(engine),
        probe_loss=probe.loss(engine, row, run),
    )
    with ranks.together(f"write {folder}"):
        torch.save(_random_states(), folder / "rng" / f"rank-{ranks.rank():05d}.pt")
        if ranks.rank() == 0:
            (folder / "tokenizer.json").write_bytes(tokenizer)
            (folder / "run.yaml").write_text(to_yaml(run))
            (folder / FILE).write_text(json.dumps(asdict(state), indent=1))
            probe.write(folder, row)
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
        portable.check(found[-1])
        manifest.verify(found[-1], ranks.rank(), ranks.world())
    return found[-1], State.read(found[-1])


def load(engine: Any, folder: Path, state: State, moments: bool = True) -> int:
    """Put the checkpoint's weights, and its moments, in place; all ranks together.

    Returns:
        Parameters whose checksums were compared.

    Raises:
        Damaged, BadConfig: as `portable.read`.
    """
    kinds = partition.KINDS if moments else partition.KINDS[:1]
    return portable.read(engine, folder, kinds, state.adam_steps if moments else 0)


def load_random_states(folder: Path) -> None:
    """Let this rank's generators go on as they were; one that was not there then begins anew."""
    file = folder / "rng" / f"rank-{ranks.rank():05d}.pt"
    if not file.exists():
        return
    states = torch.load(file, weights_only=True)
    torch.set_rng_state(states["torch"])
    if get_accelerator().device_name() != "cpu":
        get_accelerator().set_rng_state(states["device"])
    version, internal, gauss = states["python"]
    random.setstate((version, tuple(internal), gauss))
    name, keys, *rest = states["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), *rest))


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
