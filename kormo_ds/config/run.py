"""One whole run: its parts, and what they may not say about each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kormo_ds.config.check import check
from kormo_ds.config.evaluation import EvaluationConfig
from kormo_ds.config.guard import GuardConfig
from kormo_ds.config.handover import HandoverConfig
from kormo_ds.config.launch import LaunchConfig
from kormo_ds.config.model import ModelConfig
from kormo_ds.config.optim import OptimConfig, ScheduleConfig
from kormo_ds.config.train import CheckpointConfig, DataConfig, LogConfig, TrainConfig
from kormo_ds.config.validation import ValidationConfig
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
    handover: HandoverConfig = field(default_factory=HandoverConfig)
    guard: GuardConfig = field(default_factory=GuardConfig)
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    launch: LaunchConfig = field(default_factory=LaunchConfig)
    log: LogConfig = field(default_factory=LogConfig)
    deepspeed: dict[str, Any] = field(default_factory=dict)
    """A block in DeepSpeed's own words, less the keys that have their home above."""

    def __post_init__(self) -> None:
        plain = self.name and not set(self.name) & set("/\\ ") and not self.name.startswith(".")
        check("name", self.name, bool(plain), "one word that can name a folder")
        for key, value in leaves(self.deepspeed, "deepspeed."):
            check(key, value, value != "auto", "a value: nothing here is worked out by DeepSpeed")
        for key in self.deepspeed:
            if key in _DERIVED:
                raise BadConfig(f"deepspeed.{key} follows from {_DERIVED[key]}; set that instead")
            if key not in _DEEPSPEED:
                raise unknown("deepspeed key", key, _DEEPSPEED)
        block = self.deepspeed.get("zero_optimization", {})
        check("deepspeed.zero_optimization", block, isinstance(block, dict), "a block of settings")
        stage = self.zero_stage
        check("deepspeed.zero_optimization.stage", stage, stage in (0, 1, 2, 3), "0, 1, 2 or 3")
        if self.train.compile and stage == 3:
            raise BadConfig(
                "train.compile = True needs ZeRO stage 0, 1 or 2 (stage 3 gathers parameters by "
                "hooks inside a layer, which break its graph): include zero/stage2 or set "
                "train.compile=false"
            )
        if self.train.compile and self.model.mlp_tile:
            raise BadConfig(
                f"train.compile = True would unroll the tiles of model.mlp_tile = "
                f"{self.model.mlp_tile} into one graph; set one of them only"
            )
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
