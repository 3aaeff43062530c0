"""`kormo doctor`: what training stands on, a line each, with how to mend what does not work."""

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import launch

if TYPE_CHECKING:
    from kormo_ds.doctor.finding import Finding

_WIDTH = 24
"""Columns of what is looked at."""


def doctor(
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what needs ranks: sums and parity.")
    ] = False,
) -> None:
    """Say what works on this machine and how to mend what does not; exit code 1 if anything fails.

    Versions, CUDA, compiled operators, xformers, communication; then real ranks take the same
    steps at ZeRO 0 to 3, with overlap_comm off and on, and in plain torch.
    """
    begun, n_of = time.perf_counter(), {"ok": 0, "note": 0, "FAIL": 0}
    with launch.termination_as_interrupt():  # so that a scheduler's SIGTERM ends the ranks, too
        for found in _examined(quick):
            n_of[found.mark] += 1
            print(f"{found.mark:5} {found.what:{_WIDTH}} {found.found}", flush=True)
            if found.mend:
                print(f"{'':5} {'':{_WIDTH}} mend: {found.mend}", flush=True)
    seconds = time.perf_counter() - begun
    counts = f"{n_of['ok']} ok, {n_of['note']} to note, {n_of['FAIL']} failed"
    print(f"\n{counts}, in {seconds:.0f} s", flush=True)
    if n_of["FAIL"]:
        raise typer.Exit(1)


def _examined(quick: bool) -> Iterator["Finding"]:
    from kormo_ds.doctor import checks, parity
    from kormo_ds.doctor.cases import all_cases

    n_ranks, environment, on_gpu = 1, dict(os.environ), False
    kept_off = os.environ.get("DS_ACCELERATOR") == "cpu"

    def ranks() -> tuple["Finding", ...]:
        nonlocal n_ranks, environment, on_gpu
        n_ranks, environment = launch.here()
        on_gpu = environment.get("DS_ACCELERATOR") != "cpu"
        if not on_gpu:
            os.environ["DS_ACCELERATOR"] = "cpu"  # DeepSpeed in this process, too
        return ()

    yield from checks.examine([("torch", ranks)])
    of_machine = checks.quick(n_ranks, on_gpu, kept_off=kept_off, compile_operator=not quick)
    yield from checks.examine(of_machine)
    if quick:
        return
    cases = all_cases("gpu" if on_gpu else "cpu")
    backend = "nccl" if on_gpu else "gloo"
    yield from checks.examine(
        [("parity", lambda: parity.findings(cases, n_ranks, environment, backend))]
    )
