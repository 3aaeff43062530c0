"""torch.compile where it pays: the half of each layer that reads and writes memory most.

That is norm, feed-forward and addition (`Block.feed`): around three matrix products some ten
passes over T × ffn_size or T × hidden_size numbers, which a compiler joins into a few. Attention
stays as it is: its kernels are fused already, and their plans by document length would break the
graph or compile anew for every batch. All layers share one compiled graph, as parameters are its
inputs; T is the same in every micro-batch, so it is compiled once, in the first step.

Not under ZeRO-3, whose hooks gather parameters inside a layer: they break the graph at every
module, and with checkpointing gradients were lost (DeepSpeed issue 5590).
"""

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import nn

from kormo_ds.model.block import Block, PostBlock


def compile_layers(model: nn.Module, backend: str | Callable[..., Any] = "inductor") -> None:
    """Compile the feed-forward half of every layer in place; names and parameters stay."""
    for module in model.modules():
        if isinstance(module, Block | PostBlock):
            half = torch.compile(module.feed, fullgraph=True, dynamic=False, backend=backend)
            cast(nn.Module, module).__dict__["feed"] = half
