"""Signals against thresholds: the first rule that holds becomes a document's reason.

Signals are float64, as Python's are: the same comparison in SQL gives the same documents.
"""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import pyarrow as pa

from kormo_ds.errors import BadConfig
from kormo_ds.steps.step import Step

KEPT = "kept"


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part / whole`, float64 [n]; 0 where there is no whole."""
    found = np.zeros(len(whole))
    np.divide(part, whole, out=found, where=whole != 0)
    return found


def reason(rules: Mapping[str, np.ndarray]) -> pa.StringArray:
    """The name of the first rule that holds of each document, or 'kept'.

    Args:
        rules: for each name, bool [n]: does it hold? One rule at least.
    """
    names = pa.array([KEPT, *rules])
    found = np.zeros(len(next(iter(rules.values()))), np.int8)
    for place, holds in reversed(list(enumerate(rules.values(), start=1))):
        found[holds] = place
    return names.take(pa.array(found))


def check(step: Step, *bounds: tuple[str, str]) -> None:
    """Check the settings of a step that are numbers.

    Args:
        step: its numbers are thresholds.
        bounds: names of two settings, of which the first must not be above the second.

    Raises:
        BadConfig: a negative number, or bounds that leave nothing between them.
    """
    for field in fields(step):
        value = getattr(step, field.name)
        if not isinstance(value, str) and not value >= 0:
            raise BadConfig(f"{step.name}.{field.name}={value} is no threshold; give 0 or more")
    for low, high in bounds:
        least, most = getattr(step, low), getattr(step, high)
        if least > most:
            raise BadConfig(
                f"{step.name}.{low}={least} and {step.name}.{high}={most} leave no document at "
                f"all; give {low} <= {high}"
            )
