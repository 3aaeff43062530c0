"""How long a run trains, on what, in what portions, and what it keeps and says."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from kormo_ds.config.check import check


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """What is read."""

    sequences: str = ""
    """Folder written by `kormo pack`: rows.lance and tokenizer.json."""
    skip_rows: Any = ""
    """Rows to go on without: numbers and [first, end) pairs, or a file of them, one a line."""

    def __post_init__(self) -> None:
        known = isinstance(self.skip_rows, str | list | tuple)
        check("data.skip_rows", self.skip_rows, known, "a list of rows, or a file's path")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How long and in what portions."""

    steps: int
    """Optimiser steps of the whole run."""
    tokens_per_step: int
    """Tokens of one optimiser step over all ranks; the one source of every batch size."""
    batch_warmup: list[list[float]] = field(default_factory=list)
    """Smaller steps first: pairs of (share of the steps done, share of `tokens_per_step` from there
    on), e.g. [[0, 0.25], [0.05, 0.5], [0.1, 1]]. Both rise, from 0 and to 1."""
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
        if self.batch_warmup:
            self._check_batch_warmup()

    def _check_batch_warmup(self) -> None:
        pairs = self.batch_warmup
        form = "pairs [share of the steps, share of train.tokens_per_step]"
        check("train.batch_warmup", pairs, all(len(pair) == 2 for pair in pairs), form)
        starts, sizes = zip(*pairs, strict=True)
        first = starts[0] == 0 and starts[-1] < 1
        check("train.batch_warmup", pairs, first, "from 0 on, and over before the last step")
        rising = all(a < b for values in (starts, sizes) for a, b in pairwise(values))
        check("train.batch_warmup", pairs, rising, "rising in both shares")
        ends = sizes[0] > 0 and sizes[-1] == 1
        check("train.batch_warmup", pairs, ends, "of sizes above 0, the last of them 1")


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
    """Weights & Biases, and traces; metrics.jsonl is written in any case."""

    wandb: Literal["offline", "online", "disabled"] = "offline"
    project: str = "kormo_ds"
    profile: str = ""
    """Steps to trace with torch's profiler, first and last: '10-12'; '' traces none.

    (A colon would not do: YAML reads 2:4 as 124, a number to the base of 60.)
    """

    def __post_init__(self) -> None:
        wanted = "first-last, e.g. 10-12"
        check("log.profile", self.profile, not self.profile or len(self.profiled) > 0, wanted)

    @property
    def profiled(self) -> range:
        """The steps to trace."""
        first, _, last = self.profile.partition("-")
        plain = first.isdecimal() and last.isdecimal()
        return range(int(first), int(last) + 1) if plain else range(0)
