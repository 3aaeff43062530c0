"""xformers, and every attention backend run once against the dense mask.

xformers is installed and broken more often than not: built for another torch, or beside a
flash_attn that it refuses. So whether it works is tried, forward and backward, and not read off a
version.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import requires
from typing import TYPE_CHECKING

from kormo_ds.doctor.finding import Finding, fail, first_line, note, ok
from kormo_ds.errors import BadConfig

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from kormo_ds.model.attention import Backend

LENGTHS = (37, 91, 64)
"""Documents of the trial; none is a multiple of a kernel's block."""
HEADS, KV_HEADS, HEAD_DIM = 4, 2, 128
BOUNDS = {"float32": 1e-5, "bfloat16": 3e-2}
"""Largest relative deviation of output and gradients; numbers are 1.2e-7 and 7.8e-3 apart."""


def installed_xformers() -> str | None:
    """Import xformers; returns what it is, None if it is not installed.

    Raises:
        BadConfig: it wants another torch.
        Exception: whatever its import raises.
    """
    import torch

    logging.getLogger("xformers").setLevel(logging.ERROR)
    try:
        refuse_torch(torch.__version__, requires("xformers") or [])
        from xformers import __version__, _cpp_lib
        from xformers.ops import fmha  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "xformers":
            raise
        return None
    loaded = _cpp_lib._cpp_library_load_exception is None
    own = "its own extension loads" if loaded else "with torch's own kernels alone"
    return f"{__version__} beside torch {torch.__version__}, {own}"


def refuse_torch(here: str, requirements: Iterable[str]) -> None:
    """Refuse a torch that a package does not want.

    Raises:
        BadConfig: with what it wants.
    """
    from packaging.requirements import Requirement

    for text in requirements:
        need = Requirement(text)
        if need.name == "torch" and not need.specifier.contains(here, prereleases=True):
            raise BadConfig(f"it wants torch {need.specifier}, here is {here}")


def xformers(look: Callable[[], str | None], on_gpu: bool) -> Finding:
    """Whether xformers can be imported; `look` is `installed_xformers`."""
    what = "xformers"
    try:
        found = look()
    except Exception as error:  # it may be anything, and is a finding
        reason = f"installed, cannot be imported: {first_line(error)}"
        mend = "pip install --force-reinstall 'xformers>=0.0.35'"
        if "lash" in str(error):
            mend = "pip uninstall flash_attn (or XFORMERS_IGNORE_FLASH_VERSION_CHECK=1)"
        if on_gpu:
            return fail(what, f"{reason}; attention falls back to SDPA", mend)
        return note(what, f"{reason}; a CPU does not use it", mend)
    if found:
        return ok(what, found)
    if not on_gpu:
        return ok(what, "not installed, and a CPU does not use it")
    mend = "pip install -e '.[gpu]'"
    return note(what, "not installed, so attention falls back to slower SDPA", mend)


def backends(device: "torch.device", dtype: "torch.dtype") -> Iterator[Finding]:
    """One line a backend: taken by auto, runs as the dense mask, or why it is not for here."""
    from kormo_ds.model.attention import BACKENDS, choose

    taken = choose("auto", device, dtype, HEAD_DIM).backend.name
    for name, backend in BACKENDS.items():
        if name == "dense":
            continue
        refusal = backend.refusal(device, dtype, HEAD_DIM)
        if refusal:
            yield ok(f"attention {name}", f"not here: {refusal}")
            continue
        by = "taken by auto" if name == taken else f"model.attention={name}"
        try:
            yield judge(name, by, deviation(backend, device, dtype), str(dtype)[6:])
        except Exception as error:  # kernels raise what they like
            yield fail(f"attention {name}", f"{by}, raised {first_line(error)}", _instead(name))


def judge(name: str, by: str, worst: float, dtype: str) -> Finding:
    """A backend whose output or gradients deviate by `worst` from the dense mask's."""
    found = f"{by}; {worst:.1e} from the dense mask in {dtype}, forward and backward"
    if worst <= BOUNDS[dtype]:
        return ok(f"attention {name}", found)
    return fail(f"attention {name}", f"{found}, bound {BOUNDS[dtype]:.0e}", _instead(name))


def deviation(backend: "Backend", device: "torch.device", dtype: "torch.dtype") -> float:
    """Largest relative deviation of the output and of three gradients from the dense mask's."""
    import torch

    from kormo_ds.model.attention import BACKENDS

    source = torch.Generator().manual_seed(1)
    shapes = [(sum(LENGTHS), heads, HEAD_DIM) for heads in (HEADS, KV_HEADS, KV_HEADS, HEADS)]
    given = [torch.randn(shape, generator=source).to(dtype) for shape in shapes]
    ours = _through(backend, given, device)
    exact = _through(BACKENDS["dense"], [tensor.float() for tensor in given], device)
    pairs = zip(ours, exact, strict=True)
    worst = [float((a.float() - b).norm() / b.norm()) for a, b in pairs]
    return float(torch.tensor(worst).amax())  # which keeps a NaN


def _through(backend: "Backend", given: list["Tensor"], device: "torch.device") -> list["Tensor"]:
    """Output and gradients of queries, keys and values, for the last of `given` as its gradient."""
    import torch

    *inputs, above = [tensor.to(device, copy=True) for tensor in given]
    for tensor in inputs:
        tensor.requires_grad_()
    mixed = backend.prepare(LENGTHS, device)(*inputs)
    return [mixed.detach(), *torch.autograd.grad(mixed, inputs, above)]


def _instead(name: str) -> str:
    return f"model.attention={'dense' if name == 'sdpa' else 'sdpa'}"
