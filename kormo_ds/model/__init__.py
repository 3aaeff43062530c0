"""KORMo's decoder, what it reads, how it starts and how it goes on from a prompt.

Imports neither lake nor DuckDB: a GPU node needs weights and token sequences alone.
"""

from kormo_ds.model.batch import Batch, labels_of
from kormo_ds.model.generation import Sampling, generate
from kormo_ds.model.init import init_weights, initial_value
from kormo_ds.model.loss import UNSCORED
from kormo_ds.model.transformer import Transformer

__all__ = [
    "UNSCORED",
    "Batch",
    "Sampling",
    "Transformer",
    "generate",
    "init_weights",
    "initial_value",
    "labels_of",
]
