"""What a parameter is to the optimiser, and how many there are: no weight is made for it.

The rule of weight decay, in one place: a parameter is decayed if it has two axes or more and is not
an embedding. So norms, biases and embeddings are not, and every matrix that multiplies is, the
output head too (KORMo, arXiv 2510.09426, published trainer arguments).
"""

from dataclasses import dataclass

import torch
from torch import nn

from kormo_ds.config import ModelConfig
from kormo_ds.model import Transformer


@dataclass(frozen=True)
class Counts:
    """Parameters of a model."""

    total: int
    embedding: int
    in_matmuls: int
    """Of matrices that multiply activations, the head's included; these are the decayed ones."""


def is_decayed(module: nn.Module, n_axes: int) -> bool:
    """Whether a parameter with `n_axes` axes, held by `module` itself, gets weight decay."""
    return n_axes > 1 and not isinstance(module, nn.Embedding)


def count(config: ModelConfig) -> Counts:
    """Parameters of the model of `config`, built without memory for its values."""
    with torch.device("meta"):
        model = Transformer(config)
    embedding = matmuls = total = 0
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            total += parameter.numel()
            embedding += parameter.numel() if isinstance(module, nn.Embedding) else 0
            matmuls += parameter.numel() if is_decayed(module, parameter.ndim) else 0
    return Counts(total, embedding, matmuls)
