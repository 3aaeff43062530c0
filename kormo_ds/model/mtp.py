"""Multi-token prediction: at each place also the token k further on, for k = 1 to `mtp_depth`.

    h₀ = the last layer's stream
    hₖ = block(projection(norm(hₖ₋₁) ‖ norm(embedding of the token k ahead)))
    lossₖ = head(norm(hₖ)) against the token k + 1 ahead

Embedding and head are the model's own, the rest is of each depth. A document's border is the end of
it: no embedding is taken from beyond (zeros stand there), and nothing beyond is a label, so depth k
scores k tokens a document fewer and has a denominator of its own. Costs one layer, one projection
of 2 × hidden_size² and one pass through the head per depth in training, nothing afterwards.

Source: DeepSeek-V3, arXiv 2412.19437, section 2.2, with the norm before the shared head that its
published weights have.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from kormo_ds.config import ModelConfig
from kormo_ds.model.attention import Attend
from kormo_ds.model.block import block
from kormo_ds.model.loss import UNSCORED
from kormo_ds.model.norm import RMSNorm
from kormo_ds.model.rope import Angles


class Ahead(nn.Module):
    """One depth."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.hidden_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.embedding_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.projection = nn.Linear(2 * config.hidden_size, config.hidden_size, bias=False)
        self.block = block(config, config.n_layers)
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)
        """Before the shared head; the next depth reads what stands before it."""

    def forward(self, x: Tensor, embedded: Tensor, rope: Angles, attend: Attend) -> Tensor:
        """The stream of this depth [T, hidden_size].

        Args:
            x: the stream of the depth before, [T, hidden_size].
            embedded: of the token k ahead, [T, hidden_size].
            rope: angles of the positions.
            attend: the mask of the model's layers.
        """
        both = torch.cat((self.hidden_norm(x), self.embedding_norm(embedded)), dim=-1)
        mapped: Tensor = self.block(self.projection(both), rope, attend)
        return mapped


def ahead(values: Tensor, lengths: Sequence[int], k: int) -> Tensor:
    """At each place the value `k` places on in the same document, `UNSCORED` where there is none.

    >>> ahead(torch.tensor([1, 2, 3, 4]), [3, 1], 1).tolist()
    [2, 3, -100, -100]

    Args:
        values: int64 [..., T].
        lengths: tokens of each document; sums to T.
        k: 1 or more.
    """
    counts = torch.tensor(lengths)
    n_tokens = values.shape[-1]
    ends = counts.cumsum(0).repeat_interleave(counts, output_size=n_tokens)
    outside = torch.arange(n_tokens) + k >= ends
    return values.roll(-k, -1).masked_fill(outside, UNSCORED)


def depths(tokens: Tensor, labels: Tensor, lengths: Sequence[int], n: int) -> Tensor:
    """What depths 1 to `n` read of a stream, int64 [n, 2, T]: the tokens ahead, and their labels.

    Made on the CPU from whole documents, so that a rank which holds a share of the tokens need not
    ask its neighbour for those that follow.
    """
    both = torch.stack((tokens, labels))
    parts = [ahead(both, lengths, k) for k in range(1, n + 1)]
    return torch.stack(parts) if parts else both.new_empty(0, *both.shape)
