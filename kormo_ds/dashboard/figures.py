"""Figures that can be read at a glance."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.dashboard import plain

UNITS = ((10**12, 10**12, "T"), (10**9, 10**9, "G"), (10**6, 10**6, "M"), (10**4, 10**3, "k"))
"""From which value on, in what, and its sign."""


def number(value: Any) -> str:
    """A value in at most four digits.

    >>> number(1_530_000), number(9_999), number(0.12345), number(None)
    ('1.53 M', '9,999', '0.1235', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return plain.visible(str(value))
    for least, size, unit in UNITS:
        if abs(value) >= least:
            return f"{value / size:.3g} {unit}"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def totals(table: pa.Table) -> dict[str, Any]:
    """The sum of every column that counts something, by its name."""
    counted = [name for name in table.column_names if name.startswith("n_")]
    return {name: pc.sum(table.column(name)).as_py() for name in counted}
