"""All checks that need no ranks, in order, and how they are run: none can end the examination."""

import os
import resource
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import kormo_ds
from kormo_ds.doctor import attention, building, devices, machine, versions
from kormo_ds.doctor.finding import Finding, fail, first_line

Check = Callable[[], Finding | Iterable[Finding]]


def examine(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Run checks in order; one that raises is a finding like any other."""
    for name, check in checks:
        try:
            made = check()
            yield from [made] if isinstance(made, Finding) else made
        except Exception as error:  # whatever it is, it is what the doctor looks for
            mend = "mend what FAILs above first; if nothing does, report this line"
            if isinstance(error, ImportError):
                mend = "pip install --force-reinstall the package that it names"
            yield fail(name, f"the check broke: {first_line(error)}", mend)


def quick(
    n_ranks: int, on_gpu: bool, *, kept_off: bool, compile_operator: bool
) -> list[tuple[str, Check]]:
    """The checks of a machine that will train with `n_ranks` ranks.

    Args:
        n_ranks: processes that would train here.
        on_gpu: each on a GPU of its own.
        kept_off: the user keeps off GPUs.
        compile_operator: compile the CPU operator where it is not yet, a minute.
    """
    path = os.environ.get("PATH", os.defpath)
    command = os.environ.get("CXX", "c++")

    def needed() -> bool:
        return not on_gpu and not building.operator_file().is_file()

    made: list[tuple[str, Check]] = [
        ("Python", _python),
        ("packages", lambda: versions.packages(versions.wanted()[1], versions.installed)),
        ("lake", lambda: versions.lake(versions.lake_here(), kormo_ds.__path__[0])),
        ("CUDA", lambda: _cuda(kept_off)),
        ("CPU", lambda: _cpu(on_gpu)),
        ("GPUs", devices.gpus if on_gpu else tuple),
        ("C++ compiler", lambda: building.compiler(command, path, needed())),
        ("Python headers", lambda: building.headers(building.include_folder(), needed())),
        ("ninja", lambda: building.ninja(path, building.scripts_folder(), needed())),
    ]
    if on_gpu:
        made.append(("CUDA toolkit", _toolkit))
    else:
        file = building.operator_file
        made.append(
            ("CPU operator", lambda: building.cpu_operator(file(), compile_operator)),
        )
    return [
        *made,
        ("/dev/shm", lambda: _shared_memory(n_ranks, on_gpu)),
        ("communication", lambda: _communication(on_gpu)),
        ("xformers", lambda: attention.xformers(attention.installed_xformers, on_gpu)),
        ("attention", lambda: _attention(on_gpu)),
        ("open files", lambda: machine.open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0])),
        ("disk", lambda: machine.disk(Path("data"))),
        ("wandb mode", _wandb),
    ]


def _python() -> Finding:
    here = ".".join(map(str, sys.version_info[:3]))
    return versions.python(here, versions.wanted()[0], sys.executable)


def _cuda(kept_off: bool) -> Finding:
    import torch

    built_for = torch.version.cuda or (torch.version.hip and f"ROCm {torch.version.hip}")
    seen, available = devices.gpus_seen(), torch.cuda.is_available()
    return devices.cuda(torch.__version__, built_for, seen, available, kept_off)


def _cpu(on_gpu: bool) -> Finding:
    import psutil

    linux = sys.platform == "linux"
    n_cores = len(os.sched_getaffinity(0)) if linux else os.cpu_count() or 1
    memory: int = psutil.virtual_memory().total
    return devices.cpu(n_cores, memory, devices.cpu_flags(), trains=not on_gpu)


def _toolkit() -> Finding:
    from torch.utils import cpp_extension

    home = cpp_extension.CUDA_HOME
    return building.toolkit(home if home and shutil.which("nvcc", path=f"{home}/bin") else None)


def _shared_memory(n_ranks: int, on_gpu: bool) -> Finding:
    from kormo_ds.train import cpu_operator

    of_a_rank = machine.NCCL_BYTES if on_gpu else cpu_operator.BUFFER_BYTES
    return machine.shared_memory(cpu_operator.SHARED, n_ranks, of_a_rank)


def _communication(on_gpu: bool) -> Finding:
    import torch
    from torch import distributed

    if not on_gpu:
        return machine.communication("gloo", distributed.is_gloo_available(), "")
    version: tuple[int, ...] = torch.cuda.nccl.version()  # type: ignore[no-untyped-call]
    there = distributed.is_nccl_available()
    return machine.communication("NCCL", there, ".".join(map(str, version)))


def _attention(on_gpu: bool) -> Iterator[Finding]:
    import torch

    if on_gpu:
        has_bf16 = torch.cuda.get_device_capability(0) >= devices.AMPERE
        return attention.backends(
            torch.device("cuda", 0), torch.bfloat16 if has_bf16 else torch.float32
        )
    return attention.backends(torch.device("cpu"), torch.float32)


def _wandb() -> Finding:
    from kormo_ds.config import LogConfig

    return machine.wandb(LogConfig().wandb, machine.has_wandb_key())
