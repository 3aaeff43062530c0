"""Floating-point operations of a training step, from the model's shape alone.

Forward and backward of a matrix product cost 6 operations a parameter and token (2 forward, 4
backward). Attention adds 12 × layers × query width × len² for a document of len tokens: scores and
mixture, forward and backward, over every pair. What is not a matrix product (norms, rotation,
softmax) is left out, as is all recomputation: this is the work that the model asks for, whatever
the code does.

    palm       every token as if its row were one document and every pair were computed:
               6 N + 12 L H Q T a token. The usual formula (PaLM, arXiv 2204.02311, appendix B).
    documents  no padding; pairs inside documents only, and of those the causal half:
               6 N a token + 6 L H Q × Σ len².

N counts the parameters of matrix products: the head, but not the look-up of embeddings, nor norms;
a depth of multi-token prediction is a projection, a layer and the head once more. `documents`
counts pairs inside documents whatever `model.mask` is: the work of a wider mask is not in it.
Pure: needs neither torch nor a device.
"""

from kormo_ds.config import ModelConfig


def matrix_parameters(model: ModelConfig) -> int:
    """Parameters that take part in matrix products: N of the formulas."""
    attention = model.hidden_size * model.head_dim * 2 * (model.n_heads + model.n_kv_heads)
    mlp = 3 * model.hidden_size * model.ffn_size
    head = model.vocab_size * model.hidden_size
    ahead = model.mtp_depth * (2 * model.hidden_size**2 + head)
    return _layers(model) * (attention + mlp) + head + ahead


def palm(model: ModelConfig, n_tokens: int, row_length: int) -> int:
    """Operations of `n_tokens` tokens, padding included, in rows of `row_length`."""
    pairs = 12 * _layers(model) * model.n_heads * model.head_dim * row_length
    return n_tokens * (6 * matrix_parameters(model) + pairs)


def documents(model: ModelConfig, n_tokens: int, n_squares: int) -> int:
    """Operations of `n_tokens` tokens of documents whose squared lengths sum to `n_squares`."""
    pairs = 6 * _layers(model) * model.n_heads * model.head_dim * n_squares
    return n_tokens * 6 * matrix_parameters(model) + pairs


def _layers(model: ModelConfig) -> int:
    """Those of the model, and one for each depth of multi-token prediction."""
    return model.n_layers + model.mtp_depth
