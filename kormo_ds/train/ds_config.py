"""A run in DeepSpeed's words: its `deepspeed:` block plus what follows from the rest of the run."""

from typing import Any

from kormo_ds.config import Run
from kormo_ds.errors import unknown
from kormo_ds.train.batches import Batches

_NEVER = 2**31 - 1


def render(run: Run, batches: Batches) -> dict[str, Any]:
    """The dict for `deepspeed.initialize`; every number in it comes from one key of the run."""
    # To DeepSpeed all ranks are data-parallel: those that share rows count them once each.
    rows = batches.rows * run.train.sequence_parallel
    bf16 = run.train.precision == "bf16"
    return {
        **run.deepspeed,
        "train_batch_size": rows,
        "train_micro_batch_size_per_gpu": batches.micro_rows,
        "gradient_accumulation_steps": batches.accumulation,
        "gradient_clipping": run.optim.clip,
        "bf16": {"enabled": bf16},
        "data_types": {"grad_accum_dtype": "fp32"},
        "steps_per_print": _NEVER,
    }


def check(run: Run) -> None:
    """Refuse keys of the ZeRO block that the installed DeepSpeed does not know.

    Raises:
        UnknownName: such a key, with the nearest known one.
    """
    from deepspeed.runtime.zero.config import DeepSpeedZeroConfig

    known = DeepSpeedZeroConfig.model_fields
    names = {*known, *(field.alias for field in known.values() if field.alias)}
    for key in run.deepspeed.get("zero_optimization", {}):
        if key not in names:
            raise unknown("key of deepspeed.zero_optimization", key, names)
