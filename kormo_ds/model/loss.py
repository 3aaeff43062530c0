"""The output head with its loss, a chunk of tokens at a time.

Logits of T tokens × V words never exist at once: each chunk makes its own, keeps only its losses
and makes them again in the backward pass (activation checkpointing). Memory is chunk × V instead
of T × V; the price is one more head product, and none where all tokens fit one chunk.

The chunks run inside the head's own forward, so that under ZeRO-3 the weight is gathered once for
all of them, in the forward and in the backward pass.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

UNSCORED = -100
"""Label of a token whose next token is not scored."""


def token_losses(hidden: Tensor, weight: Tensor, labels: Tensor, squares: bool = False) -> Tensor:
    """Cross-entropy in nats, float32 [T], of labels [T] under hidden [T, d] @ weight [V, d]ᵀ.

    With `squares` float32 [2, T]: below it log² Z, Z being the sum of the exponentials of the
    logits, 0 where unscored (PaLM, arXiv 2204.02311, section 5: its mean keeps Z near 1).
    """
    logits = F.linear(hidden, weight).float()
    losses = F.cross_entropy(logits, labels, ignore_index=UNSCORED, reduction="none")
    if not squares:
        return losses
    log_z = logits.logsumexp(-1).masked_fill(labels == UNSCORED, 0.0)
    return torch.stack((losses, log_z.square()))


def token_ranks(hidden: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
    """As `token_losses`, float32 [2, T]: below it 1 where the label is the likeliest word, else 0.

    Of equally likely words the first is the likeliest, as in greedy decoding.
    """
    logits = F.linear(hidden, weight).float()
    losses = F.cross_entropy(logits, labels, ignore_index=UNSCORED, reduction="none")
    return torch.stack((losses, (logits.argmax(-1) == labels).float()))


class Head(nn.Module):
    """The untied output matrix [vocab_size, hidden_size], no bias."""

    def __init__(self, hidden_size: int, vocab_size: int, chunk: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocab_size, hidden_size))
        self.chunk = chunk

    def forward(
        self,
        hidden: Tensor,
        labels: Tensor | None = None,
        squares: bool = False,
        ranks: bool = False,
    ) -> Tensor:
        """Losses, float32 [T] in nats, 0 where unscored; without labels the logits, float32 [T, V].

        Args:
            hidden: the last layer's normalised output [T, hidden_size].
            labels: the word that follows each token, int64 [T], `UNSCORED` for none.
            squares: give float32 [2, T], the losses and log² Z, as `token_losses`.
            ranks: give float32 [2, T], the losses and which labels are likeliest; no gradient.
        """
        if labels is None:
            return F.linear(hidden, self.weight).float()
        if ranks:
            pairs = zip(
                torch.split(hidden, self.chunk), torch.split(labels, self.chunk), strict=True
            )
            return torch.cat([token_ranks(x, self.weight, y) for x, y in pairs], dim=-1)
        if len(labels) <= self.chunk:
            return token_losses(hidden, self.weight, labels, squares)
        chunks = zip(torch.split(hidden, self.chunk), torch.split(labels, self.chunk), strict=True)
        losses = [
            checkpoint(token_losses, part, self.weight, wanted, squares, use_reentrant=False)
            for part, wanted in chunks
        ]
        return torch.cat(losses, dim=-1)
