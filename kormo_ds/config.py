"""A run's settings: what they are and what they may be. `kormo_ds.compose` makes them from files.

Numbers have one home each: batch sizes follow from `train.tokens_per_step`
(`kormo_ds.train.batches`), and keys that DeepSpeed would take a second time are refused. Imports
neither torch nor lake.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kormo_ds.errors import BadConfig, unknown

_DERIVED = {
    "train_batch_size": "train.tokens_per_step",
    "train_micro_batch_size_per_gpu": "train.micro_batch_rows",
    "gradient_accumulation_steps": "train.tokens_per_step",
    "gradient_clipping": "optim.clip",
    "optimizer": "optim",
    "scheduler": "schedule",
    "bf16": "train.precision",
    "fp16": "train.precision",
    "data_types": "train.precision",
    "steps_per_print": "log",
}
_DEEPSPEED = {
    "zero_optimization",
    "communication_data_type",
    "aio",
    "comms_logger",
    "flops_profiler",
    "memory_breakdown",
    "wall_clock_breakdown",
}


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of a decoder. Defaults are KORMo's where the paper has one value for all sizes."""

    vocab_size: int
    """Rows of the embedding; a multiple of 128."""
    hidden_size: int
    ffn_size: int
    """Inner width of SwiGLU."""
    n_layers: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    norm_eps: float = 1e-5
    rope_theta: float = 500_000.0
    max_positions: int = 131_072
    init_std: float = 0.02
    attention: Literal["auto", "xformers", "sdpa", "dense"] = "auto"
    """Backend; auto takes the fastest that runs on the device."""
    loss_chunk: int = 2048
    """Tokens whose logits exist at one time."""

    def __post_init__(self) -> None:
        sizes = ("vocab_size", "hidden_size", "ffn_size", "n_layers", "n_heads", "n_kv_heads")
        for key in (*sizes, "loss_chunk"):
            _check(f"model.{key}", getattr(self, key), getattr(self, key) > 0, "1 or more")
        even = self.head_dim > 0 and self.head_dim % 2 == 0
        _check("model.head_dim", self.head_dim, even, "even, since rotary channels are pairs")
        shared = self.n_heads % self.n_kv_heads == 0
        _check("model.n_heads", self.n_heads, shared, f"a multiple of n_kv_heads {self.n_kv_heads}")


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """What is read."""

    sequences: str = ""
    """Folder written by `kormo pack`: rows.lance and tokenizer.json."""


@dataclass(frozen=True, kw_only=True)
class OptimConfig:
    """AdamW. Embeddings, norms and biases are not decayed; every other matrix is, the head too."""

    lr: float
    """Peak learning rate."""
    betas: tuple[float, float] = (0.9, 0.95)
    eps: float = 1e-8
    weight_decay: float = 0.033
    clip: float = 1.0
    """Largest global gradient norm; 0 does not clip."""

    def __post_init__(self) -> None:
        _check("optim.lr", self.lr, self.lr > 0, "above 0")
        _check("optim.betas", self.betas, all(0 <= b < 1 for b in self.betas), "each in [0, 1)")
        _check("optim.eps", self.eps, self.eps > 0, "above 0")
        _check("optim.weight_decay", self.weight_decay, self.weight_decay >= 0, "0 or more")
        _check("optim.clip", self.clip, self.clip >= 0, "0 or more")


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """Warm-up, stable, decay (WSD); shares are of `train.steps`."""

    warmup: float = 0.03
    """Share of the steps in which the rate rises linearly."""
    decay: float = 0.1
    """Share of the steps, at the end, in which the rate falls."""
    shape: Literal["linear", "cosine", "sqrt"] = "cosine"
    """How it falls: 1 − t, half a cosine, or 1 − √t."""
    final: float = 0.0
    """Where it falls to, as a share of the peak."""

    def __post_init__(self) -> None:
        for key in ("warmup", "decay", "final"):
            value = getattr(self, key)
            _check(f"schedule.{key}", value, 0 <= value <= 1, "in [0, 1]")
        both = self.warmup + self.decay
        _check("schedule.warmup + schedule.decay", both, both <= 1, "at most 1")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How long and in what portions."""

    steps: int
    """Optimiser steps of the whole run."""
    tokens_per_step: int
    """Tokens of one optimiser step over all ranks; the one source of every batch size."""
    micro_batch_rows: int
    """Rows a rank takes through the model at once; what is left is accumulated."""
    precision: Literal["bf16", "fp32"] = "bf16"
    """Of parameters and activations; gradients are accumulated and masters kept in fp32."""
    allow_other_data: bool = False
    """Resume although the sequences are not those of the checkpoint."""

    def __post_init__(self) -> None:
        for key in ("steps", "tokens_per_step", "micro_batch_rows"):
            _check(f"train.{key}", getattr(self, key), getattr(self, key) > 0, "1 or more")


@dataclass(frozen=True, kw_only=True)
class CheckpointConfig:
    """When checkpoints are written (always after the last step, too) and how many stay."""

    every: int = 1000
    """Steps from one to the next."""
    keep: int = 3
    """The newest so many are kept."""

    def __post_init__(self) -> None:
        _check("checkpoint.every", self.every, self.every > 0, "1 or more")
        _check("checkpoint.keep", self.keep, self.keep > 0, "1 or more")


@dataclass(frozen=True, kw_only=True)
class LogConfig:
    """Weights & Biases; metrics.jsonl is written in any case."""

    wandb: Literal["offline", "online", "disabled"] = "offline"
    project: str = "kormo_ds"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One whole training run."""

    name: str
    """Names the run folder, and the run in the lake."""
    seed: int = 42
    """Of the initial weights and of the order of rows."""
    folder: str = "data/runs"
    """Where run folders are."""
    model: ModelConfig
    data: DataConfig = field(default_factory=DataConfig)
    optim: OptimConfig
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    train: TrainConfig
    checkpoint: CheckpointConfig = field(default_factory=CheckpointConfig)
    log: LogConfig = field(default_factory=LogConfig)
    deepspeed: dict[str, Any] = field(default_factory=dict)
    """A block in DeepSpeed's own words, less the keys that have their home above."""

    def __post_init__(self) -> None:
        plain = self.name and not set(self.name) & set("/\\ ") and not self.name.startswith(".")
        _check("name", self.name, bool(plain), "one word that can name a folder")
        for key, value in leaves(self.deepspeed, "deepspeed."):
            _check(key, value, value != "auto", "a value: nothing here is worked out by DeepSpeed")
        for key in self.deepspeed:
            if key in _DERIVED:
                raise BadConfig(f"deepspeed.{key} follows from {_DERIVED[key]}; set that instead")
            if key not in _DEEPSPEED:
                raise unknown("deepspeed key", key, _DEEPSPEED)
        block = self.deepspeed.get("zero_optimization", {})
        _check("deepspeed.zero_optimization", block, isinstance(block, dict), "a block of settings")
        stage = self.zero_stage
        _check("deepspeed.zero_optimization.stage", stage, stage in (0, 1, 2, 3), "0, 1, 2 or 3")
        if stage == 0 and self.train.precision == "bf16":
            raise BadConfig(
                "train.precision = 'bf16' needs ZeRO stage 1, 2 or 3 (stage 0 has no fp32 master "
                "weights): include zero/stage1 or set train.precision=fp32"
            )

    @property
    def zero_stage(self) -> int:
        """Which model states are partitioned: 0 none, 1 optimiser, 2 gradients, 3 parameters."""
        return self.deepspeed.get("zero_optimization", {}).get("stage", 0)

    @property
    def path(self) -> Path:
        """The run's own folder."""
        return Path(self.folder) / self.name


def leaves(tree: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """The values of a nested tree, each with its dotted key."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _check(key: str, value: object, holds: bool, wanted: str) -> None:
    if not holds:
        raise BadConfig(f"{key} = {value!r}: it must be {wanted}")
