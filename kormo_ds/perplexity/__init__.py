"""Language models of n-grams, trained on documents of the lake; the step `perplexity` asks them."""

from kormo_ds.perplexity.train import Settings, Trained, train

__all__ = ["Settings", "Trained", "train"]
