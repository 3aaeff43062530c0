"""The start of a model: N(0, init_std) for matrices, ones for norms, the same everywhere.

With `model.norm=deepnorm` the matrices of the layers start as DeepNorm's proof has them: N(0, s²)
with s = gain × √(2 / (rows + columns)) (Xavier), gain 1 for queries and keys and β = (8N)^-¼ for
values, outputs and the feed-forward of N layers (arXiv 2203.00555, figure 2, decoder-only).

Every parameter is drawn on the CPU in float32 from a generator of its own, seeded by the run's seed
and the parameter's name. So the start does not depend on device, world size, ZeRO stage, the order
of parameters or the number of layers before one. Costs about 0.1 s per ten million parameters.
"""

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from kormo_ds.config import ModelConfig
from kormo_ds.model.transformer import Transformer


def initial_value(name: str, shape: Sequence[int], seed: int, config: ModelConfig) -> Tensor:
    """The start of one parameter, float32 on the CPU.

    Args:
        name: its name in the model's `state_dict`.
        shape: its full shape; one axis means a norm's weight.
        seed: the run's seed.
        config: for `init_std`.
    """
    if len(shape) == 1:
        return torch.ones(tuple(shape), dtype=torch.float32, device="cpu")
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    generator = torch.Generator("cpu").manual_seed(int.from_bytes(digest[:8], "little") >> 1)
    value = torch.empty(tuple(shape), dtype=torch.float32, device="cpu")
    return value.normal_(0.0, _deviation(name, shape, config), generator=generator)


def _deviation(name: str, shape: Sequence[int], config: ModelConfig) -> float:
    """Standard deviation of a matrix at the start."""
    if config.norm != "deepnorm" or not {"self_attn", "mlp"} & set(name.split(".")):
        return config.init_std
    plain = name.endswith(("q_proj.weight", "k_proj.weight"))
    gain: float = 1.0 if plain else (8 * config.n_layers) ** -0.25
    return gain * math.sqrt(2 / sum(shape))


@torch.no_grad()
def init_weights(model: Transformer, seed: int) -> None:
    """Give every parameter of a model that is not partitioned its start, on its own device."""
    for name, parameter in model.named_parameters():
        parameter.copy_(initial_value(name, parameter.shape, seed, model.config))
