"""What a device could do at most, in dense operations a second; the denominator of MFU.

Figures are the vendors', without sparsity (half of what a datasheet gives "with sparsity"), and of
the very product that torch names: an H100 comes in three forms with three speeds. A name that is
not in the table (a MIG slice, a new card) has no peak, and no MFU is reported: a wrong one would be
worse. fp32 is the plain rate, since torch does not use TF32 for fp32 products unless asked to.

Sources: NVIDIA A100 datasheet (bf16 312, fp32 19.5, both forms); NVIDIA H100 Tensor Core GPU
architecture whitepaper and datasheet (SXM 989.4 and 67, PCIe 756 and 51, NVL 835.5 and 60); NVIDIA
H200 datasheet (SXM 989.5 and 67, NVL 835.5 and 60); NVIDIA GH200 datasheet (as H100 SXM); NVIDIA
Blackwell datasheet (HGX B200, bf16 2,250; its editions differ about fp32, so there is none);
NVIDIA L40S datasheet (362 and 91.6); AMD Instinct MI300X and MI325X datasheets (1,307.4 and 163.4).

A CPU has no such figure (clock, vector width and the other processes decide), so its peak is
measured: the best of a few products of square matrices in the run's precision, some tenths of a
second once a process, with the threads that the rank trains with.
"""

import functools
import time

import torch

from kormo_ds.errors import unknown

_H100, _NVL, _A100 = (989.4, 67.0), (835.5, 60.0), (312.0, 19.5)
TFLOPS: dict[str, tuple[float, float | None]] = {
    "NVIDIA A100-SXM4-40GB": _A100,
    "NVIDIA A100-SXM4-80GB": _A100,
    "NVIDIA A100-PCIE-40GB": _A100,
    "NVIDIA A100 80GB PCIe": _A100,
    "NVIDIA H100 80GB HBM3": _H100,
    "NVIDIA H100 PCIe": (756.0, 51.0),
    "NVIDIA H100 NVL": _NVL,
    "NVIDIA GH200 480GB": _H100,
    "NVIDIA H200": (989.5, 67.0),
    "NVIDIA H200 NVL": _NVL,
    "NVIDIA B200": (2250.0, None),
    "NVIDIA L40S": (362.05, 91.6),
    "AMD Instinct MI300X": (1307.4, 163.4),
    "AMD Instinct MI325X": (1307.4, 163.4),
}
"""Name as torch gives it, to dense (bf16, fp32) TFLOP/s."""

_SHORT = {
    "A100": "NVIDIA A100-SXM4-80GB",
    "H100": "NVIDIA H100 80GB HBM3",
    "GH200": "NVIDIA GH200 480GB",
}
_SECONDS = 0.05
"""About how long one measured product may take."""


def known(name: str, precision: str) -> float | None:
    """Operations a second of a GPU by torch's name for it; None where the table does not say.

    Args:
        name: `torch.cuda.get_device_name()`.
        precision: 'bf16' or 'fp32'.
    """
    bf16, fp32 = TFLOPS.get(name.strip(), (None, None))
    rate = bf16 if precision == "bf16" else fp32
    return rate and rate * 1e12


def full_name(name: str) -> str:
    """The table's name of a device that somebody has named, in short or in full.

    Raises:
        UnknownName: the table has no such device.

    >>> full_name("H200"), full_name("H100"), full_name("AMD Instinct MI300X")
    ('NVIDIA H200', 'NVIDIA H100 80GB HBM3', 'AMD Instinct MI300X')
    """
    for known_as in (name, _SHORT.get(name), f"NVIDIA {name}", f"AMD Instinct {name}"):
        if known_as in TFLOPS:
            return known_as
    raise unknown("device", name, [*_SHORT, *TFLOPS])


@functools.lru_cache
def measured(precision: str) -> float:
    """Operations a second of this process on a CPU: the best of seven products."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    size = 128
    while (taken := _product(size, dtype)) < _SECONDS / 4 and size < 1024:
        size *= 2
    best = min(taken, *(_product(size, dtype) for _ in range(6)))
    return 2 * size**3 / best


def of(device: torch.device, precision: str) -> float | None:
    """The peak of `device`: from the table, or measured on a CPU."""
    if device.type == "cpu":
        return measured(precision)
    return known(torch.cuda.get_device_name(device), precision)


def _product(size: int, dtype: torch.dtype) -> float:
    """Seconds of one product; draws no random number, which would change the run."""
    left = torch.full((size, size), 0.5, dtype=dtype)
    out = torch.empty_like(left)
    torch.mm(left, left, out=out)
    begun = time.perf_counter()
    torch.mm(left, left, out=out)
    return time.perf_counter() - begun
