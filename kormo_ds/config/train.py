"""How long a run trains, on what, in what portions, and what it keeps and says."""

from dataclasses import dataclass
from typing import Literal

from kormo_ds.config.check import check


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """What is read."""

    sequences: str = ""
    """Folder written by `kormo pack`: rows.lance and tokenizer.json."""


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
    sequence_parallel: int = 1
    """Ranks that share the tokens of a micro-batch (Ulysses); divides ranks and heads."""
    compile: bool = False
    """Compile norm and feed-forward of each layer by torch.compile; ZeRO 0, 1 and 2 only."""
    allow_other_data: bool = False
    """Resume although the sequences are not those of the checkpoint."""

    def __post_init__(self) -> None:
        for key in ("steps", "tokens_per_step", "micro_batch_rows", "sequence_parallel"):
            check(f"train.{key}", getattr(self, key), getattr(self, key) > 0, "1 or more")


@dataclass(frozen=True, kw_only=True)
class CheckpointConfig:
    """When checkpoints are written (always after the last step, too) and how many stay."""

    every: int = 1000
    """Steps from one to the next."""
    keep: int = 3
    """The newest so many are kept."""

    def __post_init__(self) -> None:
        check("checkpoint.every", self.every, self.every > 0, "1 or more")
        check("checkpoint.keep", self.keep, self.keep > 0, "1 or more")


@dataclass(frozen=True, kw_only=True)
class LogConfig:
    """Weights & Biases; metrics.jsonl is written in any case."""

    wandb: Literal["offline", "online", "disabled"] = "offline"
    project: str = "kormo_ds"
