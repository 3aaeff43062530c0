"""What compiles DeepSpeed's operators, and the operators themselves.

CPU ranks need one (`kormo_ds.train.cpu_operator`). GPU ranks need none, unless optimiser states
are offloaded (`zero/stage3_offload`), or layers compiled (`train.compile`).
"""

import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from kormo_ds.doctor.finding import Finding, fail, note, ok
from kormo_ds.errors import KormoError

NAME = "deepspeed_shm_comm"
"""DeepSpeed's name of the operator of CPU ranks."""
_LATER = "only zero/stage3_offload and train.compile=true would need it"
AHEAD = "python -m kormo_ds.train.cpu_operator"
"""What compiles the operator of CPU ranks before the first training."""


def operator_file() -> Path:
    """Where the compiled operator of CPU ranks is, or will be."""
    from kormo_ds.train import cpu_operator

    return cpu_operator.folder() / NAME / f"{NAME}.so"


def compiler(command: str, path: str, needed: bool) -> Finding:
    """The C++ compiler.

    Args:
        command: what torch calls: $CXX, else c++.
        path: where it is looked for.
        needed: something has yet to be compiled.
    """
    what, words = "C++ compiler", shlex.split(command)
    found = shutil.which(words[0], path=path) if words else None
    if found:
        told = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60)
        return ok(what, f"{found}: {next(iter(told.stdout.splitlines()), 'gives no version')}")
    mend = "apt-get install g++ (or dnf install gcc-c++), or name one with CXX=…"
    if needed:
        return fail(what, f"'{command}' is not there, and CPU ranks need it once", mend)
    return note(what, f"'{command}' is not there; {_LATER}", mend)


def headers(folder: str, needed: bool) -> Finding:
    """Python's own headers, which every operator includes."""
    what, file = "Python headers", Path(folder) / "Python.h"
    if file.is_file():
        return ok(what, str(file))
    mend = "apt-get install python3-dev (or dnf install python3-devel)"
    if needed:
        return fail(what, f"{file} is missing, and CPU ranks need it once", mend)
    return note(what, f"{file} is missing; {_LATER}", mend)


def ninja(path: str, scripts: str, needed: bool) -> Finding:
    """ninja, on the path or in this environment."""
    found = shutil.which("ninja", path=scripts) or shutil.which("ninja", path=path)
    if found:
        return ok("ninja", found)
    make = fail if needed else note
    return make("ninja", "not there, and operators are compiled with it", "pip install ninja")


def cpu_operator(file: Path, compile_it: bool) -> Finding:
    """The operator that CPU ranks sum through; compiled and loaded here if `compile_it`."""
    from kormo_ds.train import cpu_operator

    what = "CPU operator"
    if sys.platform != "linux":
        return ok(what, "none on this system, gloo sums alone")
    if compile_it:
        try:
            cpu_operator.ensure()
        except KormoError as error:
            return fail(what, str(error), f"mend what FAILs above, then: {AHEAD}")
        return ok(what, f"loads from {file}")
    if file.is_file():
        return ok(what, f"built: {file}")
    return note(what, "not built yet; the first training takes a minute for it", AHEAD)


def toolkit(home: str | None) -> Finding:
    """The CUDA toolkit, which DeepSpeed wants to see before it compiles the offloaded AdamW."""
    if home:
        return ok("CUDA toolkit", home)
    return note(
        "CUDA toolkit",
        "no nvcc; only zero/stage3_offload needs it, to compile DeepSpeed's CPU AdamW",
        "install the toolkit of torch's CUDA version, or name its folder with CUDA_HOME=…",
    )


def include_folder() -> str:
    """Where Python's headers are."""
    return sysconfig.get_path("include")


def scripts_folder() -> str:
    """Where this environment's commands are."""
    return sysconfig.get_path("scripts")
