"""Where ZeRO keeps the fp32 value and the moments of a parameter on this rank.

DeepSpeed cuts each parameter, flattened, over the ranks: stages 1 and 2 cut the optimiser's flat
groups wherever a rank's share ends, stage 3 cuts every parameter in equal parts and pads the last.
`part` names this rank's stretch in one way for all stages, as views into the optimiser's own
buffers. Nothing is copied or sent. DeepSpeed has functions for whole parameters (`safe_get_full_…`,
`safe_set_full_…`), which hold each one whole on every rank.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from kormo_ds.train.engine import shape_of

MOMENTS = ("exp_avg", "exp_avg_sq")
"""AdamW's running means of the gradient and of its square."""
KINDS = ("weights", *MOMENTS)
"""What a parameter's state is."""


@dataclass(frozen=True)
class Part:
    """This rank's stretch of one parameter."""

    start: int
    """Its first place in the flattened parameter."""
    flat: Tensor
    """The optimiser's flat fp32 buffer that it lies in."""
    offset: int
    """Where it begins in `flat`."""
    size: int

    def view(self, engine: Any, kind: str) -> Tensor:
        """fp32 [size]: its weights or one of its moments, in the optimiser's own memory."""
        buffer = self.flat.data if kind == "weights" else _state(engine)[self.flat][kind]
        return buffer.view(-1)[self.offset : self.offset + self.size]


def named(engine: Any) -> dict[str, nn.Parameter]:
    """The trained parameters by name, in the model's order."""
    return dict(engine.module.named_parameters())


def size_of(parameter: nn.Parameter) -> int:
    """Numbers in the whole parameter."""
    return prod(shape_of(parameter))


def part(engine: Any, parameter: nn.Parameter) -> Part | None:
    """This rank's part of the parameter; None where the others have all of it."""
    stage = engine.zero_optimization_stage()
    if stage == 0:
        return Part(0, parameter, 0, size_of(parameter))
    if stage == 3:
        zero = engine.optimizer
        group, offset, size = zero.grad_position[zero.get_param_id(parameter)]
        start = zero._get_param_partition_rank(parameter) * size
        size = min(size, size_of(parameter) - start)  # the last part is padded
        return (
            Part(start, zero.fp32_partitioned_groups_flat[group], offset, size)
            if size > 0
            else None
        )
    cut: Any = parameter
    if cut._hp_mapping is None:
        return None
    here, there = cut._hp_mapping.lp_fragment_address, cut._hp_mapping.hp_fragment_address
    flat = flats(engine)[cut._hp_mapping.param_group_index]
    return Part(here.start, flat, there.start, there.numel)


def flats(engine: Any) -> list[Tensor]:
    """The fp32 buffers that the optimiser updates on this rank."""
    if engine.zero_optimization_stage() == 3:
        return list(engine.optimizer.fp32_partitioned_groups_flat)
    return [value for group in _inner(engine).param_groups for value in group["params"]]


def begin_moments(engine: Any, steps: int | None = None) -> None:
    """Make AdamW's states where there are none yet, and say how many steps they have seen.

    An optimiser makes its states in its first step, so one that is to go on from saved ones, or to
    be saved before that, has none. Without `steps` a number that is there stays.
    """
    state = _state(engine)
    for flat in flats(engine):
        mine = state[flat]
        if not mine:
            for moment in MOMENTS:
                mine[moment] = torch.zeros_like(flat.data, dtype=torch.float32)
        if steps is not None or "step" not in mine:
            mine["step"] = _counter(engine, flat, steps or 0)
    link = getattr(engine.optimizer, "_lazy_init_hp_params_optimizer_state", None)
    if link:
        link()


def adam_steps(engine: Any) -> int:
    """Steps that AdamW's moments have seen: what its bias correction goes by."""
    seen = {int(_state(engine)[flat]["step"]) for flat in flats(engine)}
    assert len(seen) == 1, f"AdamW's groups have seen {seen} steps"
    return seen.pop()


def spread(engine: Any) -> None:
    """Make the parameters that the model computes with from the fp32 ones; all ranks together."""
    stage, zero = engine.zero_optimization_stage(), engine.optimizer
    if stage in (1, 2):
        zero.update_lp_params()
    if stage == 3:
        zero._partition_all_parameters()
        for group in range(len(zero.fp32_partitioned_groups_flat)):
            zero._reassign_or_swap_out_partitioned_parameters(group)
        if zero.persistent_parameters:
            zero.persistent_parameters[0].all_gather(zero.persistent_parameters)


def parts(engine: Any) -> Iterator[tuple[str, Part]]:
    """This rank's part of each parameter of which it has one, by name."""
    for name, parameter in named(engine).items():
        mine = part(engine, parameter)
        if mine:
            yield name, mine


def _counter(engine: Any, flat: Tensor, steps: int) -> Tensor | int:
    """A number of steps in the form in which the optimiser counts."""
    if type(_inner(engine)).__name__ == "DeepSpeedCPUAdam":
        return steps
    device = flat.device if _inner(engine).defaults.get("fused") else "cpu"
    return torch.tensor(float(steps), dtype=torch.float32, device=device)


def _inner(engine: Any) -> torch.optim.Optimizer:
    """AdamW itself, inside ZeRO's optimiser where there is one."""
    optimizer: torch.optim.Optimizer = engine.optimizer
    return optimizer.optimizer if engine.zero_optimization_stage() else optimizer  # type: ignore[attr-defined]


def _state(engine: Any) -> Any:
    return _inner(engine).state
