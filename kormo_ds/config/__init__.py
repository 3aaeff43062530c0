"""A run's settings: what they are and what they may be. `kormo_ds.compose` makes them from files.

Numbers have one home each: batch sizes follow from `train.tokens_per_step`
(`kormo_ds.train.batches`), and keys that DeepSpeed would take a second time are refused. Imports
neither torch nor lake.
"""

from kormo_ds.config.evaluation import EvaluationConfig
from kormo_ds.config.guard import GuardConfig
from kormo_ds.config.handover import HandoverConfig
from kormo_ds.config.launch import LaunchConfig
from kormo_ds.config.model import ModelConfig
from kormo_ds.config.optim import OptimConfig, ScheduleConfig
from kormo_ds.config.run import Run, leaves
from kormo_ds.config.train import CheckpointConfig, DataConfig, LogConfig, TrainConfig
from kormo_ds.config.validation import ValidationConfig

__all__ = [
    "CheckpointConfig",
    "DataConfig",
    "EvaluationConfig",
    "GuardConfig",
    "HandoverConfig",
    "LaunchConfig",
    "LogConfig",
    "ModelConfig",
    "OptimConfig",
    "Run",
    "ScheduleConfig",
    "TrainConfig",
    "ValidationConfig",
    "leaves",
]
