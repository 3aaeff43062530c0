"""The fp32 parameters as safetensors, gathered tensor by tensor and streamed to disk.

All shapes are known beforehand, so each shard's header is written first and the tensors follow as
they are gathered: a rank never holds more than one whole parameter (2 GB for the embedding of the
10B model), whatever the stage. Layout and index as Hugging Face's, so `safetensors` reads them.
"""

import json
import os
from collections.abc import Iterable, Iterator
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from torch import nn

from kormo_ds.train import ranks
from kormo_ds.train.engine import full_fp32, shape_of

INDEX = "model.safetensors.index.json"
SHARD_BYTES = 4_000_000_000
_FP32 = 4


def write(engine: Any, folder: Path, shard_bytes: int = SHARD_BYTES) -> None:
    """Write every parameter to `folder`; all ranks call it together, rank 0 writes.

    Raises:
        KormoError: rank 0 could not write (on every rank).
    """
    parameters = dict(engine.module.named_parameters())
    shards = list(_shards(parameters, shard_bytes))
    names = [f"model-{i:05d}-of-{len(shards):05d}.safetensors" for i in range(1, len(shards) + 1)]
    failed: OSError | None = None
    for shard, name in zip(shards, names, strict=True):
        failed = _write_shard(engine, folder / name, shard, failed)
    with ranks.together("write the weights"):
        if failed:
            raise failed
        if ranks.rank() == 0:
            where = {key: name for shard, name in zip(shards, names, strict=True) for key in shard}
            size = sum(_bytes(parameter) for parameter in parameters.values())
            index = {"metadata": {"total_size": size}, "weight_map": where}
            (folder / INDEX).write_text(json.dumps(index, indent=1))


def _write_shard(
    engine: Any, path: Path, shard: dict[str, nn.Parameter], failed: OSError | None
) -> OSError | None:
    """Every rank gathers every tensor, also after rank 0 failed: the others wait for it."""
    file: BinaryIO | None = None
    try:
        if ranks.rank() == 0 and not failed:
            file = path.open("wb")
            file.write(_header(shard))
    except OSError as error:
        failed = error
    for parameter in shard.values():
        value = full_fp32(engine, parameter)
        try:
            if file and not failed:
                file.write(value.cpu().contiguous().numpy().tobytes())
        except OSError as error:
            failed = error
    try:
        if file:
            file.flush()
            os.fsync(file.fileno())
            file.close()
    except OSError as error:
        failed = failed or error
    return failed


def _shards(
    parameters: dict[str, nn.Parameter], shard_bytes: int
) -> Iterator[dict[str, nn.Parameter]]:
    shard: dict[str, nn.Parameter] = {}
    size = 0
    for name, parameter in parameters.items():
        if shard and size + _bytes(parameter) > shard_bytes:
            yield shard
            shard, size = {}, 0
        shard[name] = parameter
        size += _bytes(parameter)
    yield shard


def _header(shard: dict[str, nn.Parameter]) -> bytes:
    """The safetensors header: its length, then JSON of each tensor's type, shape and place."""
    ends = [0, *accumulate(_bytes(parameter) for parameter in shard.values())]
    places: Iterable[tuple[str, nn.Parameter]] = shard.items()
    tensors = {
        name: {"dtype": "F32", "shape": list(shape_of(parameter)), "data_offsets": ends[i : i + 2]}
        for i, (name, parameter) in enumerate(places)
    }
    text = json.dumps({"__metadata__": {"format": "pt"}, **tensors}).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _bytes(parameter: nn.Parameter) -> int:
    return _FP32 * prod(shape_of(parameter))
