"""Tables of run folders."""

from pathlib import Path

import lake
from lake import duck


def tables(lk: lake.Lake, folder: Path | None) -> duck.Extra:
    """Nothing yet."""
    return {}
