"""How long a planned run takes and what it costs, at a device and an MFU that the user states."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kormo_ds.errors import BadConfig

if TYPE_CHECKING:
    from kormo_ds.config import Run
    from kormo_ds.train.batches import Batches


@dataclass(frozen=True)
class Pace:
    """What is assumed, as it was typed."""

    device: str = "H100"
    """A name of `kormo_ds.train.peak`."""
    mfu: str = "0.4"
    """Share of the device's peak by the usual formula; 0.4 is what good frameworks reach."""
    price: str = ""
    """Of a device for an hour, in any currency."""

    def lines(self, run: "Run", cut: "Batches", world: int) -> list[tuple[str, str]]:
        """Hours of the run on `world` devices, and its cost; checkpoints, stops not counted.

        Raises:
            UnknownName: a device without a known peak.
            BadConfig: a number that is none or out of range.
        """
        from kormo_ds.train import flops, peak

        mfu = _number("mfu", self.mfu, above=0, at_most=1)
        price = _number("price", self.price, above=0) if self.price else None
        name = peak.full_name(self.device)
        rate = peak.known(name, run.train.precision)
        if rate is None:
            raise BadConfig(
                f"device={self.device}: its peak in {run.train.precision} is not in "
                f"kormo_ds/train/peak.py; take another device or train.precision=bf16"
            )
        tokens = cut.tokens(run.train.steps)
        hours = flops.palm(run.model, tokens, cut.row_length) / (world * rate * mfu) / 3600
        a_second = tokens / hours / 3600 / world
        said = (
            f"{_rounded(hours)} hours ({_rounded(hours / 24)} days), {_rounded(hours * world)} "
            f"device hours, on {world} × {name} at {100 * mfu:g} % MFU: {a_second:,.0f} tokens a "
            f"second each"
        )
        lines = [("time", said)]
        if price:
            lines.append(("cost", f"{_rounded(hours * world * price)}, at {price:g} an hour"))
        return lines


def _number(key: str, word: str, above: float, at_most: float = float("inf")) -> float:
    try:
        value = float(word)
    except ValueError:
        value = float("nan")
    if not above < value <= at_most:
        upper = f" and at most {at_most:g}" if at_most < float("inf") else ""
        raise BadConfig(f"{key} = {word!r}: it must be a number above {above:g}{upper}")
    return value


def _rounded(value: float) -> str:
    """Three digits, all of them before the point.

    >>> _rounded(41234.5), _rounded(3.14159), _rounded(0.00123456)
    ('41,200', '3.14', '0.00123')
    """
    whole = f"{value:.3g}"
    return f"{float(whole):,.0f}" if value >= 100 else whole
