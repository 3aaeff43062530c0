"""Train a byte-level BPE tokenizer on a recorded mixture, and measure how well it compresses."""

from kormo_ds.tokenizer.measure import Measured, measure
from kormo_ds.tokenizer.train import Settings, Trained, train

__all__ = ["Measured", "Settings", "Trained", "measure", "train"]
