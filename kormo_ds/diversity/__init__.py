"""How varied texts are: measures on equal samples of what synthesizers and styles wrote.

documents ──candidates──▶ excerpts by group and seed ──mixing──▶ samples: one alone, five mixed
                                                                   │ measures, self_bleu, near
                                                                   ▼
                                                                diversity  a row a number
"""

from kormo_ds.diversity.run import HIGHER, Measured, Result, run
from kormo_ds.diversity.settings import GROUPS, Settings

__all__ = ["GROUPS", "HIGHER", "Measured", "Result", "Settings", "run"]
