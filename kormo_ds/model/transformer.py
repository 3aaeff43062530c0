"""KORMo's decoder: blocks of grouped-query attention and SwiGLU, an untied head.

    x += attention(norm(x));  x += mlp(norm(x));  loss = head(norm(x), labels)

The input is a stream of T tokens, cut into documents by `lengths`; no document sees another. About
6 × parameters floating-point operations per token and training step, and the attention's own.

Source: KORMo, arXiv 2510.09426, section on architecture. Same function as Llama with two norms
renamed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadInput
from kormo_ds.model.attention import Attend, choose
from kormo_ds.model.block import block
from kormo_ds.model.loss import UNSCORED, Head
from kormo_ds.model.mask import visible
from kormo_ds.model.mtp import Ahead
from kormo_ds.model.norm import RMSNorm
from kormo_ds.model.rope import Angles, angles


class Transformer(nn.Module):
    """The decoder. Its weights are not initialised: see `init_weights`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.spread: Callable[[Attend], Attend] | None = None
        """Shares the attention of a stream out over ranks, each of which is given as many of its
        tokens, labels and positions, and all of its lengths."""
        self.n_shares = 1
        """Over how many."""
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(block(config, n) for n in range(config.n_layers))
        normed = config.norm == "deepnorm"
        self.norm = nn.Identity() if normed else RMSNorm(config.hidden_size, config.norm_eps)
        self.mtp = nn.ModuleList(Ahead(config) for _ in range(config.mtp_depth))
        self.lm_head = Head(config.hidden_size, config.vocab_size, config.loss_chunk)

    def forward(
        self,
        tokens: Tensor,
        labels: Tensor,
        positions: Tensor,
        lengths: Sequence[int],
        rows: Sequence[int] = (),
        languages: Sequence[str] = (),
        ahead: Sequence[Tensor] | Tensor = (),
        squares: bool = False,
    ) -> Tensor:
        """Sums over the scored tokens of a batch, float32 [1 + mtp_depth + squares].

        The loss in nats, the loss of each depth of multi-token prediction, and log² Z where asked
        for. Each is divided by the tokens scored for it: `kormo_ds.train.objective`.

        Args:
            tokens: int64 [T].
            labels: the token to predict at each place, int64 [T]; -100 is not scored.
            positions: int64 [T], place in the row (only differences inside a document matter).
            lengths: tokens of each document, in order; sums to T.
            rows: documents of each row, as `kormo_ds.model.mask.visible` reads them.
            languages: of each document, for the mask xlda.
            ahead: tokens and labels of each depth, int64 [mtp_depth, 2, T]; `Batch` has all of
                these.
            squares: give log² Z as the last sum.

        Raises:
            BadInput: lengths or depths do not fit.
        """
        if len(ahead) != len(self.mtp):
            raise BadInput(
                f"model.mtp_depth = {len(self.mtp)}, and the batch was made for {len(ahead)}; give "
                "Batch.of_rows the model's mtp_depth"
            )
        attend = self._attend(tokens, lengths, rows, languages)
        rope = angles(positions, self.config.head_dim, self.config.rope_theta)
        embedded = self.embed_tokens(tokens)
        following = self._following([ids for ids, _ in ahead]) if self.mtp else ()
        x = self._stream(embedded, rope, [attend] * self.config.n_layers)
        hidden, wanted = [self.norm(x)], [labels]
        for depth, one, (_, theirs) in zip(self.mtp, following, ahead, strict=True):
            assert isinstance(depth, Ahead)
            x = self._through(depth, x, one, rope, attend)
            hidden.append(depth.norm(x))
            wanted.append(theirs)
        losses = self.lm_head(_joined(hidden), _joined(wanted), squares)
        losses, log_squares = losses if squares else (losses, None)
        sums = [part.sum() for part in torch.split(losses, len(tokens))]
        if log_squares is not None:
            sums.append(log_squares[: len(tokens)].sum())
        return torch.stack(sums)

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

    def answers(
        self,
        tokens: Tensor,
        positions: Tensor,
        places: Tensor,
        labels: Tensor,
        *pieces: Sequence[Any],
    ) -> Tensor:
        """How some tokens are predicted, float32 [2, S]: loss in nats, and 1 where likeliest.

        The head sees S tokens instead of T, whatever stands between them.

        Args:
            tokens: int64 [T].
            positions: int64 [T].
            places: of the tokens that predict, int64 [S]; a place may come several times.
            labels: what is predicted there, int64 [S].
            pieces: as `forward`'s lengths, rows and languages.
        """
        hidden = self._documents(tokens, positions, *pieces)[places]
        found: Tensor = self.lm_head(hidden, labels, ranks=True)
        return found

    def hidden(self, tokens: Tensor, positions: Tensor, attends: Sequence[Attend]) -> Tensor:
        """The normalised output of the last layer [T, hidden_size]; one `Attend` per layer."""
        rope = angles(positions, self.config.head_dim, self.config.rope_theta)
        normed: Tensor = self.norm(self._stream(self.embed_tokens(tokens), rope, attends))
        return normed

    def _following(self, tokens: Sequence[Tensor]) -> Sequence[Tensor]:
        """The embeddings of each depth's tokens, [T, hidden_size]; 0 beyond a document.

        All in one look-up right after the first, so that ZeRO-3 need not gather the matrix anew.
        """
        joined = torch.cat(list(tokens))
        embedded: Tensor = self.embed_tokens(joined.clamp(min=0))
        beyond = (joined == UNSCORED)[:, None]
        return embedded.masked_fill(beyond, 0).chunk(len(tokens))

    def _stream(self, x: Tensor, rope: Angles, attends: Sequence[Attend]) -> Tensor:
        for layer, attend in zip(self.layers, attends, strict=True):
            x = self._through(layer, x, rope, attend)
        return x

    def _through(self, layer: nn.Module, *inputs: Any) -> Tensor:
        """One layer; with `checkpoint_blocks` its inside is made again in the backward pass.

        T × hidden_size numbers a layer stay then, of about 8 × hidden_size + 4 × ffn_size, for one
        more forward pass in three. Not reentrant, so that ZeRO-3's hooks gather for both. Nothing
        in a layer is random.
        """
        if not self.config.checkpoint_blocks or not torch.is_grad_enabled():
            mapped: Tensor = layer(*inputs)
        else:
            mapped = checkpoint(layer, *inputs, use_reentrant=False, preserve_rng_state=False)
        return mapped

    def _documents(self, tokens: Tensor, positions: Tensor, *pieces: Sequence[Any]) -> Tensor:
        attend = self._attend(tokens, *pieces)
        return self.hidden(tokens, positions, [attend] * self.config.n_layers)

    def _attend(
        self,
        tokens: Tensor,
        lengths: Sequence[int],
        rows: Sequence[int] = (),
        languages: Sequence[str] = (),
    ) -> Attend:
        n_tokens = len(tokens) * self.n_shares
        if sum(lengths) != n_tokens or min(lengths, default=0) < 1:
            raise BadInput(
                f"document lengths must be positive and sum to the {n_tokens} tokens of the "
                f"batch; {len(lengths)} lengths sum to {sum(lengths)}"
            )
        weight, config = self.embed_tokens.weight, self.config
        choice = choose(config.attention, tokens.device, weight.dtype, config.head_dim, config.mask)
        seen = visible(config.mask, lengths, rows, languages)
        attend = choice.backend.prepare(seen.blocks, tokens.device, seen.rules)
        return self.spread(attend) if self.spread else attend


def _joined(parts: list[Tensor]) -> Tensor:
    """The parts one after the other, without a copy where there is one."""
    return torch.cat(parts) if len(parts) > 1 else parts[0]
