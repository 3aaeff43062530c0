"""Recorded mixtures: found by name, and their documents read in order.

What stands between asking (`kormo_ds.mixture`) and those who read the answer: tokenizers, packing,
evaluation.
"""

from kormo_ds.recorded.catalogue import Mixture, find, mixtures
from kormo_ds.recorded.documents import Documents, Recorded, numbered

__all__ = ["Documents", "Mixture", "Recorded", "find", "mixtures", "numbered"]
