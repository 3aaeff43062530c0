"""`quality`: how likely a document is of the kind that a quality model was taught as good.

The models come from `kormo quality train`. By default all documents are kept: KORMo found that
quality filters that are too strict take too much Korean, and `quality_bin` lets each mixture choose
its own percentile, by language.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from kormo_ds.errors import BadConfig
from kormo_ds.steps.classified import NOT_SCORED, Classified, columns


@dataclass(frozen=True)
class Quality(Classified):
    """Score and percentile by a quality model."""

    min_bin: int = 0
    """Documents below this percentile are `low_quality`; 0 keeps all, 90 is DCLM's best tenth."""

    name: ClassVar = "quality"
    reads: ClassVar = ("text_clean", "lang")
    columns: ClassVar = columns("quality", "the model's probability of good text", "low_quality")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.min_bin <= 99:
            raise BadConfig(f"quality.min_bin={self.min_bin} is no percentile; give 0 to 99")

    @property
    def limits(self) -> tuple[float, ...]:
        """The percentile."""
        return (self.min_bin,)

    def reasons(self, scores: np.ndarray, percentiles: np.ndarray) -> pa.Array:
        """Kept or low_quality."""
        low = (percentiles < self.min_bin) & (percentiles != NOT_SCORED)
        return pa.array(np.where(low, "low_quality", "kept").astype(object), pa.string())
