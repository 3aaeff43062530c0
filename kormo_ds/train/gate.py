"""Drop the accumulated gradient of a step, at every ZeRO stage.

The norm that decides is known only inside DeepSpeed's step, between the reduction of gradients and
their use. DeepSpeed 0.19.8 can drop a gradient there: a norm that is not finite makes it clear all
its gradient buffers and leave parameters, moments and AdamW's count alone. So the gate puts itself
where the norm is computed and answers `inf` for a step that is to be dropped:

    0             AdamW.step itself: clipping and clearing are the engine's
    1, 2          DeepSpeedZeroOptimizer.scaled_global_norm
    1, bf16       BF16_Optimizer.step; its norm is taken twice, one more pass over the gradients
    3             DeepSpeedZeroOptimizer_Stage3._get_norm_groups

Nothing is copied: a step that is applied runs the same code on the same numbers as without a gate.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from deepspeed.runtime.bf16_optimizer import BF16_Optimizer
from deepspeed.runtime.utils import combine_grad_norm_groups, get_global_norm_of_tensors

Drop = Callable[[float], bool]
"""Told the gradient's norm before clipping; True drops the step. The same on every rank."""


def install(engine: Any, drop: Drop, norm_at_stage_0: Callable[[], float]) -> None:
    """Ask `drop` before each update of `engine`.

    Args:
        engine: a DeepSpeed engine; its optimizer is given other methods.
        drop: asked once a step, on every rank.
        norm_at_stage_0: the norm of this step, where DeepSpeed computes none.
    """
    optimizer = engine.optimizer
    if not engine.zero_optimization_stage():
        _plain(optimizer, lambda: drop(norm_at_stage_0()))
    elif isinstance(optimizer, BF16_Optimizer):
        _bf16(optimizer, drop)
    elif engine.zero_optimization_stage() == 3:
        _stage3(optimizer, drop)
    else:
        _stage1_and_2(optimizer, drop)


def _plain(optimizer: Any, dropped: Callable[[], bool]) -> None:
    step = optimizer.step

    def maybe(*args: Any, **kwargs: Any) -> Any:
        return None if dropped() else step(*args, **kwargs)

    optimizer.step = maybe


def _bf16(optimizer: Any, drop: Drop) -> None:
    step = optimizer.step

    def maybe() -> Any:
        gradients, _ = optimizer.get_grads_for_norm()
        norm = get_global_norm_of_tensors(
            input_tensors=gradients, mpu=optimizer.mpu, norm_type=optimizer.norm_type
        )
        if not drop(float(norm)):
            return step()
        optimizer.overflow = True
        optimizer._global_grad_norm = float("inf")
        optimizer.clear_hp_grads()
        optimizer.clear_lp_grads()
        return None

    optimizer.step = maybe


def _stage1_and_2(optimizer: Any, drop: Drop) -> None:
    scaled_global_norm = optimizer.scaled_global_norm

    def maybe(norm_type: int = 2) -> torch.Tensor:
        norm = scaled_global_norm(norm_type)
        return torch.full_like(norm, math.inf) if drop(float(norm)) else norm

    optimizer.scaled_global_norm = maybe


def _stage3(optimizer: Any, drop: Drop) -> None:
    norm_groups = optimizer._get_norm_groups

    def maybe() -> list[torch.Tensor]:
        groups: list[torch.Tensor] = norm_groups()
        if not drop(float(combine_grad_norm_groups(groups))):
            return groups
        return [torch.full_like(torch.as_tensor(norm), math.inf) for norm in groups]

    optimizer._get_norm_groups = maybe
