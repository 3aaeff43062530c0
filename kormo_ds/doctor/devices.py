"""GPUs, CUDA and the driver; cores and bf16 of a CPU."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from kormo_ds.doctor.finding import Finding, fail, note, ok

BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""How /proc/cpuinfo says that a CPU multiplies bf16 itself; the last is ARM's."""
AMPERE = (8, 0)
"""The first compute capability with bf16."""


def gpus_seen() -> list[str]:
    """GPUs of NVIDIA that the system has, whatever torch thinks of them."""
    files = sorted(str(path) for path in Path("/dev").glob("nvidia[0-9]*"))
    if files or not shutil.which("nvidia-smi"):
        return files
    told = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=60)
    return [line for line in told.stdout.splitlines() if line.startswith("GPU ")]


def cuda(
    torch_version: str, built_for: str | None, seen: list[str], available: bool, kept_off: bool
) -> Finding:
    """What torch was built for, beside what there is.

    Args:
        torch_version: of torch, with the name of its build.
        built_for: the CUDA (or ROCm) version of that build; None is a build for CPUs.
        seen: GPUs that the system has.
        available: torch can use one.
        kept_off: DS_ACCELERATOR=cpu says not to.
    """
    what, build = "CUDA", f"torch {torch_version} is built for {built_for or 'a CPU only'}"
    if kept_off:
        return ok(what, f"{build}; DS_ACCELERATOR=cpu keeps off GPUs")
    if available:
        return ok(what, build)
    if not seen:
        return ok(what, f"{build}; no GPU here: two processes of the CPU train, for small models")
    if built_for is None:
        release = torch_version.partition("+")[0]
        mend = f"pip install --force-reinstall torch=={release}, from an index with CUDA builds"
        return fail(what, f"there is a GPU ({seen[0]}), but {build}", mend)
    mend = (
        f"nvidia-smi names the CUDA version that the driver knows: update it to {built_for} or "
        "newer; in a container: --gpus all, and look at CUDA_VISIBLE_DEVICES"
    )
    return fail(what, f"{build} and there is {seen[0]}, but torch cannot use it", mend)


def gpu(
    number: int, name: str, n_bytes: int, capability: tuple[int, int], peak: float | None
) -> Finding:
    """One GPU. `peak`: operations a second in bf16, where the table of MFU has its name."""
    what = f"GPU {number}"
    major, minor = capability
    found = f"{name}, {n_bytes / 1e9:.0f} GB, compute capability {major}.{minor}"
    if capability < AMPERE:
        mend = "train.precision=fp32, or a GPU of 8.0 or more"
        return note(what, f"{found}: no bf16", mend)
    if peak is None:
        mend = "add its dense bf16 rate and where that is stated to kormo_ds/train/peak.py"
        return note(what, f"{found}, bf16; no known peak, so MFU is not reported", mend)
    return ok(what, f"{found}, bf16, MFU against {peak / 1e12:,.0f} TFLOP/s")


def gpus() -> Iterator[Finding]:
    """Each GPU that torch sees."""
    import torch

    from kormo_ds.train import peak

    for number in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(number)
        capability = torch.cuda.get_device_capability(number)
        rate = peak.known(facts.name, "bf16")
        yield gpu(number, facts.name, facts.total_memory, capability, rate)


def cpu_flags(path: Path = Path("/proc/cpuinfo")) -> set[str]:
    """What the first core says that it can do; empty where the system has no such file."""
    lines = path.read_text().splitlines() if path.is_file() else []
    flags = (line for line in lines if line.lower().startswith(("flags", "features")))
    return set(next(flags, "").partition(":")[2].split())


def cpu(n_cores: int, n_bytes: int, flags: set[str], trains: bool) -> Finding:
    """Cores, memory, and bf16 where the CPU trains."""
    found = f"{n_cores} cores, {n_bytes / 1e9:.0f} GB"
    if not trains:
        return ok("CPU", found)
    native = sorted(BF16_FLAGS & flags)
    if native:
        return ok("CPU", f"{found}, bf16 in hardware ({', '.join(native)})")
    mend = "train.precision=fp32, which the runs smoke and demo have"
    return note("CPU", f"{found}, bf16 is emulated and slow", mend)
