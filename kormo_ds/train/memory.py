"""What a run takes of a GPU's memory and of the disk, from its numbers alone.

Formulas in bytes, with P parameters, N ranks and b bytes a weight (2 in bf16, 4 in fp32):

    ZeRO   weights   gradients           optimiser and fp32 masters
    0      4 P       4 P                 8 P              (fp32 only; the weights are the masters)
    1      b P       (b + 4) P, or 4 P   12 P / N         bf16 ones and the fp32 sum of all
    2      b P       4 P / N             12 P / N
    3      b P / N   4 P / N             12 P / N

Sources: Rajbhandari et al. 2020, arXiv 1910.02054, with fp32 accumulation as DeepSpeed 0.19.8 does
it (`BF16_Optimizer` at stage 1). Activations are what the layers of `kormo_ds.model` keep for their
backward pass; tests count them. Not here: the CUDA context, NCCL, fragmentation: 2 to 5 GB more.
"""

from dataclasses import dataclass, fields
from typing import Any, Literal

from kormo_ds.config import ModelConfig, Run

Device = Literal["cuda", "cpu"]
WIDTH = {"bf16": 2, "fp32": 4}
_ADAM, _FP32 = 12, 4
_LOGITS = 12
"""Bytes a logit at the worst moment: log-probabilities and two gradients in fp32."""


@dataclass(frozen=True)
class Memory:
    """Bytes on one rank."""

    weights: int
    gradients: int
    optimiser: int
    buffers: int
    """For communication, and at ZeRO-3 the layers that are gathered at one time."""
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """At the worst moment: the end of the first backward pass begins with all of these."""
        return sum(getattr(self, field.name) for field in fields(self))


def of_run(run: Run, n_parameters: int, tokens: int, world: int, device: Device = "cuda") -> Memory:
    """Memory of one rank of `run` with `tokens` in a micro-batch."""
    width = WIDTH[run.train.precision]
    weights, gradients, optimiser = states(n_parameters, world, run.zero_stage, width)
    return Memory(
        weights=weights,
        gradients=gradients,
        optimiser=optimiser,
        buffers=buffers(run.deepspeed.get("zero_optimization", {}), n_parameters, width),
        activations=activations(run.model, tokens, width, device),
        logits=logits(run.model, tokens),
    )


def states(n: int, world: int, stage: int, width: int) -> tuple[int, int, int]:
    """Bytes of weights, gradients and optimiser of `n` parameters on one of `world` ranks."""
    if stage == 0:
        return _FP32 * n, _FP32 * n, (_ADAM - _FP32) * n
    weights = width * n if stage < 3 else width * n // world
    whole = _FP32 * n + (width * n if width < _FP32 else 0)
    return weights, whole if stage == 1 else _FP32 * n // world, _ADAM * n // world


def buffers(zero: dict[str, Any], n: int, width: int) -> int:
    """Bytes of the buckets of a ZeRO block, and of gathered layers at stage 3.

    A bucket never holds more than the `n` parameters; defaults are DeepSpeed's.
    """
    stage = zero.get("stage", 0)
    if stage == 0:
        return 0
    sides = 2 if zero.get("overlap_comm", stage == 3) else 1
    bucket = sides * min(int(zero.get("reduce_bucket_size", 5e8)), n)
    live = min(int(zero.get("stage3_max_live_parameters", 1e9)), n) if stage == 3 else 0
    return width * (bucket + live)


def activations(model: ModelConfig, tokens: int, width: int, device: Device = "cuda") -> int:
    """Bytes that the layers keep of `tokens` for their backward pass.

    A layer keeps the fp32 input of both norms and what comes out of them; queries, keys and values
    after rotation, with keys and values as many as the queries, and their mix; and four times the
    inner width of SwiGLU. On a CPU a norm is several operations and keeps one more fp32 copy; keys
    and values are not repeated there, and the mix is copied once. With `model.checkpoint_blocks` a
    layer keeps its input, and one layer at a time all of this.
    """
    hidden, ffn = model.hidden_size, model.ffn_size
    queries, keys = model.n_heads * model.head_dim, model.n_kv_heads * model.head_dim
    norm = (_FP32 if device == "cuda" else 2 * _FP32) * hidden + width * hidden
    mixed = 4 * queries if device == "cuda" else 3 * queries + 2 * keys
    layer = 2 * norm + width * (mixed + 4 * ffn)
    if model.checkpoint_blocks:
        return tokens * (model.n_layers * width * hidden + layer + norm)
    return tokens * (model.n_layers * layer + norm)


def logits(model: ModelConfig, tokens: int) -> int:
    """Bytes of one chunk of logits in its backward pass."""
    return _LOGITS * min(model.loss_chunk, tokens) * model.vocab_size


def checkpoint(n: int) -> int:
    """Bytes of one checkpoint on disk: fp32 weights and two moments, whatever stage wrote them."""
    return _ADAM * n
