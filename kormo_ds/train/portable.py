"""fp32 weights and moments as safetensors that any number of ranks at any ZeRO stage can read.

    weights/ exp_avg/ exp_avg_sq/      each model-00001-of-00011.safetensors … and an index
    checksums.json                     of each parameter in each of the three

Shards are shared out among the ranks. A tensor is put together on the rank that writes its shard,
one at a time, while others are written, so a rank never holds more than three whole parameters
(2 GB each for the embedding of the 10B model), whatever the stage. To read, each rank maps the
files and takes the stretch that it keeps. All bits pass as integers: a sum with zeros would turn a
negative zero into a positive one. Layout and index of the weights are Hugging Face's.

Costs 12 bytes a parameter on disk, and to write one reduction of as many to the writing ranks.
"""

import json
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor, nn

from kormo_ds.errors import BadConfig, BadInput, Damaged
from kormo_ds.train import checksums, partition, ranks
from kormo_ds.train.engine import shape_of
from kormo_ds.train.partition import KINDS

INDEX = "model.safetensors.index.json"
CHECKSUMS = "checksums.json"
SHARD_BYTES = 4_000_000_000
_FP32 = 4
_WAITING = 2
_OF_DEEPSPEED = ("latest", "global_step*", "deepspeed", "*_model_states.pt", "zero_pp_rank_*")


@dataclass(frozen=True)
class Shard:
    """One file."""

    kind: str
    file: str
    parameters: dict[str, nn.Parameter]
    writer: int
    """The rank that writes it."""


def write(
    engine: Any, folder: Path, kinds: Sequence[str] = KINDS, shard_bytes: int = SHARD_BYTES
) -> None:
    """Write weights and moments below `folder`, with checksums; all ranks call it together.

    Raises:
        KormoError: a rank could not write (on every rank).
    """
    partition.begin_moments(engine)
    shards = list(_shards(engine, kinds, shard_bytes))
    failed = _write(engine, folder, shards)
    sums = {kind: checksums.of(engine, kind) for kind in kinds}
    with ranks.together("write the weights"):
        if failed:
            raise failed
        if ranks.rank() == 0:
            (folder / CHECKSUMS).write_text(json.dumps(sums, indent=1))
            for kind in kinds:
                (folder / kind / INDEX).write_text(json.dumps(_index(shards, kind), indent=1))


def read(engine: Any, folder: Path, kinds: Sequence[str] = KINDS, adam_steps: int = 0) -> int:
    """Put the weights, and the moments if asked for, in place of the engine's; all ranks together.

    Args:
        engine: at any ZeRO stage, on any number of ranks.
        folder: a checkpoint.
        kinds: weights first; moments that are not read stay zero.
        adam_steps: steps that the moments have seen.

    Returns:
        Parameters whose checksums were compared with the folder's, and are the same.

    Raises:
        BadInput: there is nothing of the kind in the folder.
        BadConfig: its model is another one.
        Damaged: a checksum is not the folder's after reading.
    """
    with ranks.together(f"read {folder}"):
        places = {kind: _places(engine, folder / kind) for kind in kinds}
        stated = json.loads((folder / CHECKSUMS).read_text())
    partition.begin_moments(engine, adam_steps)
    for name, part in partition.parts(engine):
        for kind in kinds:
            file, first = places[kind][name]
            values = np.memmap(file, np.float32, "r", first + part.start * _FP32, (part.size,))
            part.view(engine, kind).copy_(torch.from_numpy(np.array(values)))
    partition.spread(engine)
    wrong = []
    for kind in kinds:
        found = checksums.of(engine, kind)
        wrong += [f"{kind}/{name}" for name in found if found[name] != stated[kind].get(name)]
    if wrong:
        raise Damaged(
            f"after reading {folder}, {len(wrong)} of {len(kinds) * len(found)} parameters are not "
            f"those that were written, {wrong[0]} first; take another checkpoint"
        )
    return len(found)


def check(folder: Path) -> None:
    """Refuse a folder without portable weights.

    Raises:
        BadInput: says whether it is one of DeepSpeed's own.
    """
    if (folder / "weights" / INDEX).exists() and (folder / CHECKSUMS).exists():
        return
    theirs = next((path for one in _OF_DEEPSPEED for path in folder.glob(one)), None)
    if theirs:
        raise BadInput(
            f"{folder} holds DeepSpeed's own files ({theirs.name}), which fit one number of ranks "
            f"at one ZeRO stage only; give a checkpoint of `kormo train` (a folder step-… with "
            f"weights/ and {CHECKSUMS}), which any number of ranks at any stage can read"
        )
    raise BadInput(f"{folder} has no weights/{INDEX} and {CHECKSUMS}; give a checkpoint's folder")


def _shards(engine: Any, kinds: Sequence[str], shard_bytes: int) -> Iterator[Shard]:
    cut: list[dict[str, nn.Parameter]] = [{}]
    size = 0
    for name, parameter in partition.named(engine).items():
        if cut[-1] and size + _bytes(parameter) > shard_bytes:
            cut.append({})
            size = 0
        cut[-1][name] = parameter
        size += _bytes(parameter)
    n = 0
    for kind in kinds:
        for i, parameters in enumerate(cut, 1):
            file = f"model-{i:05d}-of-{len(cut):05d}.safetensors"
            yield Shard(kind, file, parameters, n % ranks.world())
            n += 1


def _write(engine: Any, folder: Path, shards: list[Shard]) -> OSError | None:
    """Every rank takes part in every tensor, also after it failed: the others wait for it."""
    failed: OSError | None = None
    world = ranks.world()
    for first in range(0, len(shards), world):
        together = shards[first : first + world]
        mine = next((shard for shard in together if shard.writer == ranks.rank()), None)
        out = _Out(folder / mine.kind / mine.file, mine.parameters) if mine and not failed else None
        for row in zip_longest(*(shard.parameters.items() for shard in together)):
            for shard, one in zip(together, row, strict=True):
                if one:
                    value = _whole(engine, one[1], shard)
                    if value is not None and out:
                        out.put(value)
        if out:
            failed = out.close()
    return failed


class _Out:
    """A file that a thread writes, so that the ranks go on with the next tensor."""

    def __init__(self, path: Path, parameters: dict[str, nn.Parameter]) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[Any]] = deque()
        self._failed: OSError | None = None
        self._file: BinaryIO | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb")
            self._file.write(_header(parameters))
        except OSError as error:
            self._failed = error

    def put(self, value: Tensor) -> None:
        """The next tensor of the file, in order."""
        if self._file and not self._failed:
            self._waiting.append(self._thread.submit(self._file.write, _raw(value)))
            self._done(_WAITING)

    def close(self) -> OSError | None:
        """All is on disk, or what went wrong."""
        self._done(0)
        self._thread.shutdown()
        try:
            if self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
        except OSError as error:
            self._failed = self._failed or error
        return self._failed

    def _done(self, most: int) -> None:
        while len(self._waiting) > most:
            try:
                self._waiting.popleft().result()
            except OSError as error:
                self._failed = self._failed or error


def _raw(value: Tensor) -> bytes:
    return value.contiguous().cpu().numpy().tobytes()


def _whole(engine: Any, parameter: nn.Parameter, shard: Shard) -> Tensor | None:
    """The parameter's flat fp32 value of the shard's kind, on its writer; None elsewhere."""
    part = partition.part(engine, parameter)
    here = ranks.rank() == shard.writer
    if engine.zero_optimization_stage() == 0:
        return part.view(engine, shard.kind) if part and here else None
    bits = torch.zeros(partition.size_of(parameter), dtype=torch.int32, device=ranks.device())
    if part:
        value = part.view(engine, shard.kind).view(torch.int32)
        bits[part.start : part.start + part.size].copy_(value)
    torch.distributed.reduce(bits, shard.writer)
    return bits.view(torch.float32) if here else None


def _index(shards: list[Shard], kind: str) -> dict[str, Any]:
    """Which file holds which parameter."""
    of_kind = [shard for shard in shards if shard.kind == kind]
    size = sum(_bytes(value) for shard in of_kind for value in shard.parameters.values())
    where = {name: shard.file for shard in of_kind for name in shard.parameters}
    return {"metadata": {"total_size": size}, "weight_map": where}


def _places(engine: Any, folder: Path) -> dict[str, tuple[Path, int]]:
    """The file of each parameter and the byte where it begins there."""
    where = json.loads((folder / INDEX).read_text())["weight_map"]
    wanted = {name: list(shape_of(value)) for name, value in partition.named(engine).items()}
    there: dict[str, list[int]] = {}
    places = {}
    for file in sorted(set(where.values())):
        with (folder / file).open("rb") as opened:
            size = int.from_bytes(opened.read(8), "little")
            header = json.loads(opened.read(size))
        for name in header.keys() - {"__metadata__"}:
            there[name] = header[name]["shape"]
            places[name] = folder / file, 8 + size + header[name]["data_offsets"][0]
    for name in sorted(wanted.keys() | there.keys()):
        if wanted.get(name) != there.get(name):
            raise BadConfig(
                f"{folder} holds another model: {name} is {there.get(name, 'not there')}, and "
                f"{wanted.get(name, 'not there')} in this run; set model.… to that checkpoint's"
            )
    return places


def _header(parameters: dict[str, nn.Parameter]) -> bytes:
    """The safetensors header: its length, then JSON of each tensor's type, shape and place."""
    ends = [0, *accumulate(_bytes(parameter) for parameter in parameters.values())]
    tensors = {
        name: {"dtype": "F32", "shape": list(shape_of(parameter)), "data_offsets": ends[i : i + 2]}
        for i, (name, parameter) in enumerate(parameters.items())
    }
    text = json.dumps({"__metadata__": {"format": "pt"}, **tensors}).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _bytes(parameter: nn.Parameter) -> int:
    return _FP32 * partition.size_of(parameter)
