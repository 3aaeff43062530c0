"""The shape of a model."""

from dataclasses import dataclass
from typing import Literal

from kormo_ds.config.check import check


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The shape of a decoder. Defaults are KORMo's where the paper has one value for all sizes."""

    vocab_size: int
    """Rows of the embedding; a multiple of 128."""
    hidden_size: int
    ffn_size: int
    """Inner width of SwiGLU."""
    n_layers: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    norm_eps: float = 1e-5
    rope_theta: float = 500_000.0
    max_positions: int = 131_072
    init_std: float = 0.02
    attention: Literal["auto", "xformers", "torch_varlen", "sdpa", "dense"] = "auto"
    """Backend; auto takes the fastest that runs on the device."""
    norm: Literal["pre", "mix", "deepnorm"] = "pre"
    """Where a layer normalises (`kormo_ds.model.block`)."""
    mask: Literal["document", "causal", "xlda"] = "document"
    """What a token sees before it: its document, its row, or its document and those in another
    language (`kormo_ds.model.mask`)."""
    positions: Literal["row", "document"] = "row"
    """Where rotary positions start from 0: in each row, as in the paper, or in each document."""
    mtp_depth: int = 0
    """Tokens beyond the next one that are predicted, too, in training (`kormo_ds.model.mtp`)."""
    mtp_weight: float = 0.1
    """Of the mean of their losses, beside 1 for the next token's."""
    loss_chunk: int = 2048
    """Tokens whose logits exist at one time."""
    mlp_tile: int = 0
    """Tokens that go through the feed-forward at one time and are made again in the backward pass;
    0 takes all at once and makes nothing again (`kormo_ds.model.mlp`)."""
    checkpoint_blocks: bool = False
    """Keep the input of each layer alone and make its inside again in the backward pass."""

    def __post_init__(self) -> None:
        sizes = ("vocab_size", "hidden_size", "ffn_size", "n_layers", "n_heads", "n_kv_heads")
        for key in (*sizes, "loss_chunk"):
            check(f"model.{key}", getattr(self, key), getattr(self, key) > 0, "1 or more")
        check("model.mlp_tile", self.mlp_tile, self.mlp_tile >= 0, "0 or more")
        check("model.mtp_depth", self.mtp_depth, self.mtp_depth >= 0, "0 or more")
        check("model.mtp_weight", self.mtp_weight, self.mtp_weight >= 0, "0 or more")
        quarter = self.norm != "mix" or self.n_layers >= 4
        wanted = "4 or more where model.norm = 'mix', whose first quarter of layers is Post-LN"
        check("model.n_layers", self.n_layers, quarter, wanted)
        even = self.head_dim > 0 and self.head_dim % 2 == 0
        check("model.head_dim", self.head_dim, even, "even, since rotary channels are pairs")
        shared = self.n_heads % self.n_kv_heads == 0
        check("model.n_heads", self.n_heads, shared, f"a multiple of n_kv_heads {self.n_kv_heads}")
