"""KORMo's decoder: blocks of grouped-query attention and SwiGLU, an untied head.

    x += attention(norm(x));  x += mlp(norm(x));  loss = head(norm(x), labels)

The input is a stream of T tokens, cut into documents by `lengths`; no document sees another. About
6 × parameters floating-point operations per token and training step, and the attention's own.

Source: KORMo, arXiv 2510.09426, section on architecture. Same function as Llama with two norms
renamed.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadInput
from kormo_ds.model.attention import Attend, choose
from kormo_ds.model.block import block
from kormo_ds.model.loss import Head
from kormo_ds.model.mask import visible
from kormo_ds.model.norm import RMSNorm
from kormo_ds.model.rope import Angles, angles


class Transformer(nn.Module):
    """The decoder. Its weights are not initialised: see `init_weights`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(block(config, n) for n in range(config.n_layers))
        normed = config.norm == "deepnorm"
        self.norm = nn.Identity() if normed else RMSNorm(config.hidden_size, config.norm_eps)
        self.lm_head = Head(config.hidden_size, config.vocab_size, config.loss_chunk)

    def forward(
        self,
        tokens: Tensor,
        labels: Tensor,
        positions: Tensor,
        lengths: Sequence[int],
        rows: Sequence[int] = (),
        languages: Sequence[str] = (),
    ) -> Tensor:
        """The summed loss of a batch in nats, a float32 scalar; divide by the scored tokens.

        Args:
            tokens: int64 [T].
            labels: the token to predict at each place, int64 [T]; -100 is not scored.
            positions: int64 [T], place in the row (only differences inside a document matter).
            lengths: tokens of each document, in order; sums to T.
            rows: documents of each row, as `kormo_ds.model.mask.visible` reads them.
            languages: of each document, for the mask xlda; `Batch` has all of these.
        """
        return self.losses(tokens, labels, positions, lengths, rows, languages).sum()

    def losses(
        self, tokens: Tensor, labels: Tensor, positions: Tensor, *pieces: Sequence[Any]
    ) -> Tensor:
        """The loss of each token in nats, float32 [T], 0 where unscored; arguments as `forward`."""
        losses: Tensor = self.lm_head(self._documents(tokens, positions, *pieces), labels)
        return losses

    def logits(self, tokens: Tensor, positions: Tensor, *pieces: Sequence[Any]) -> Tensor:
        """Scores of the next token, float32 [T, vocab_size]; arguments as `forward`."""
        logits: Tensor = self.lm_head(self._documents(tokens, positions, *pieces))
        return logits

    def hidden(self, tokens: Tensor, positions: Tensor, attends: Sequence[Attend]) -> Tensor:
        """The normalised output of the last layer [T, hidden_size]; one `Attend` per layer."""
        x: Tensor = self.embed_tokens(tokens)
        rope = angles(positions, self.config.head_dim, self.config.rope_theta)
        for layer, attend in zip(self.layers, attends, strict=True):
            x = self._through(layer, x, rope, attend)
        normed: Tensor = self.norm(x)
        return normed

    def _through(self, layer: nn.Module, x: Tensor, rope: Angles, attend: Attend) -> Tensor:
        """One layer; with `checkpoint_blocks` its inside is made again in the backward pass.

        T × hidden_size numbers a layer stay then, of about 8 × hidden_size + 4 × ffn_size, for one
        more forward pass in three. Not reentrant, so that ZeRO-3's hooks gather for both. Nothing
        in a layer is random.
        """
        if not self.config.checkpoint_blocks:
            mapped: Tensor = layer(x, rope, attend)
        else:
            mapped = checkpoint(
                layer, x, rope, attend, use_reentrant=False, preserve_rng_state=False
            )
        return mapped

    def _documents(
        self,
        tokens: Tensor,
        positions: Tensor,
        lengths: Sequence[int],
        rows: Sequence[int] = (),
        languages: Sequence[str] = (),
    ) -> Tensor:
        if sum(lengths) != len(tokens) or min(lengths, default=0) < 1:
            raise BadInput(
                f"document lengths must be positive and sum to the {len(tokens)} tokens of the "
                f"batch; {len(lengths)} lengths sum to {sum(lengths)}"
            )
        weight, config = self.embed_tokens.weight, self.config
        choice = choose(config.attention, tokens.device, weight.dtype, config.head_dim, config.mask)
        seen = visible(config.mask, lengths, rows, languages)
        attend = choice.backend.prepare(seen.blocks, tokens.device, seen.rules)
        return self.hidden(tokens, positions, [attend] * self.config.n_layers)
