"""What is in the lake: how much of what, how it grew, and which columns are there."""

from kormo_ds.dashboard import draw
from kormo_ds.dashboard.context import Context


def show(ctx: Context) -> None:
    """Draw the page."""
    draw.page(ctx, "lake")
