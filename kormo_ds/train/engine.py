"""A run's model under DeepSpeed, ready for its first step.

Every parameter is set to `initial_value(name, …)`, also where ZeRO-3 has cut it up, so all stages
and world sizes start from the same weights (rounded to bf16 where the run trains in bf16). The
model is built on the device in its own precision: a rank never holds it in fp32 in host memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import deepspeed
import torch
from torch import nn

from kormo_ds.config import OptimConfig, Run
from kormo_ds.model import Transformer, initial_value
from kormo_ds.train import ds_config, ranks
from kormo_ds.train.batches import Batches
from kormo_ds.train.compiled import compile_layers
from kormo_ds.train.parameters import is_decayed
from kormo_ds.train.sequence_parallel import Ulysses
from kormo_ds.train.sequence_parallel import check as check_sequence_parallel

DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


def build(run: Run, batches: Batches) -> Any:
    """The DeepSpeed engine of `run`; all ranks call it together."""
    ds_config.check(run)
    config = ds_config.render(run, batches)
    dtype = DTYPES[run.train.precision]
    partitioned = run.zero_stage == 3
    # Not Init(dtype=…): on a device without fp16 it takes bf16, whatever dtype says.
    init = deepspeed.zero.Init(config_dict_or_path=config) if partitioned else nullcontext()
    with init, ranks.device(), _default(dtype):
        model = Transformer(run.model)
    _initialise(model, run)
    sp = run.train.sequence_parallel
    check_sequence_parallel(sp, run.model, ranks.world(), batches.row_length)
    if sp > 1:
        model.spread, model.n_shares = Ulysses(sp), sp
    if run.train.compile:
        compile_layers(model)
    offloaded = "offload_optimizer" in run.deepspeed["zero_optimization"] if partitioned else False
    engine, *_ = deepspeed.initialize(
        model=model,
        optimizer=_optimiser(model, run.optim, offloaded),
        config=config,
        dist_init_required=False,
    )
    return engine


def groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """AdamW's two groups, by the rule of `is_decayed`."""
    decayed: list[nn.Parameter] = []
    plain: list[nn.Parameter] = []
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            to = decayed if is_decayed(module, len(shape_of(parameter))) else plain
            to.append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]


def shape_of(parameter: nn.Parameter) -> torch.Size:
    """The full shape of a parameter, also where ZeRO-3 has cut it up."""
    return getattr(parameter, "ds_shape", parameter.shape)


def set_steps(engine: Any, steps: int, batches: Batches) -> None:
    """Let DeepSpeed count on from `steps` steps of the run."""
    engine.global_steps = steps
    engine.global_samples = batches.position(steps)
    engine.micro_steps = batches.position(steps) // (batches.micro_rows * batches.world)


def set_rate(engine: Any, rate: float) -> None:
    """Set the learning rate of the next step."""
    for group in engine.optimizer.param_groups:
        group["lr"] = rate


def grad_norm_before_step(engine: Any) -> float | None:
    """Stage 0 only: the global norm of the reduced gradients; DeepSpeed does not keep it there."""
    if engine.zero_optimization_stage() or not engine.is_gradient_accumulation_boundary():
        return None
    norms = [p.grad.norm() for p in engine.module.parameters() if p.grad is not None]
    return float(torch.stack(norms).norm())


@torch.no_grad()
def _initialise(model: Transformer, run: Run) -> None:
    for name, parameter in model.named_parameters():
        gathered = deepspeed.zero.GatheredParameters([parameter], modifier_rank=0)
        with gathered if hasattr(parameter, "ds_id") else nullcontext():
            if not hasattr(parameter, "ds_id") or ranks.rank() == 0:
                shape = shape_of(parameter)
                parameter.copy_(initial_value(name, shape, run.seed, run.model))


def _optimiser(model: nn.Module, optim: OptimConfig, offloaded: bool) -> torch.optim.Optimizer:
    settings: dict[str, Any] = {"lr": optim.lr, "betas": optim.betas, "eps": optim.eps}
    if offloaded:
        from deepspeed.ops.adam import DeepSpeedCPUAdam

        made: torch.optim.Optimizer = DeepSpeedCPUAdam(
            groups(model, optim.weight_decay), adamw_mode=True, **settings
        )
        return made
    return torch.optim.AdamW(groups(model, optim.weight_decay), fused=True, **settings)


@contextmanager
def _default(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
