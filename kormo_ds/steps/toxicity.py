"""`toxicity`: how likely a document is of the kind that a toxicity model was taught as toxic.

The models come from `kormo toxicity train`. By default all documents are kept. The threshold is a
score and not a percentile: a percentile would call the same share of any lake toxic, however kind
its documents are.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from kormo_ds.errors import BadConfig
from kormo_ds.steps.classified import Classified, columns


@dataclass(frozen=True)
class Toxicity(Classified):
    """Score and percentile by a toxicity model."""

    max_score: float = 1.0
    """Documents above this probability are `high_toxicity`; 1 keeps all."""

    name: ClassVar = "toxicity"
    reads: ClassVar = ("text_clean", "lang")
    columns: ClassVar = columns(
        "toxicity", "the model's probability of toxic text", "high_toxicity"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.max_score <= 1:
            raise BadConfig(f"toxicity.max_score={self.max_score} is no probability; give 0 to 1")

    @property
    def limits(self) -> tuple[float, ...]:
        """The probability."""
        return (self.max_score,)

    def reasons(self, scores: np.ndarray, percentiles: np.ndarray) -> pa.Array:
        """Kept or high_toxicity."""
        high = scores > self.max_score
        return pa.array(np.where(high, "high_toxicity", "kept").astype(object), pa.string())
