"""What the ranks of a job do together: start, sum, and fail as one.

A rank that raises while the others wait in a collective leaves a hanging job behind. So work that
can fail on one rank alone is done inside `together`, after which every rank goes on or every rank
raises the same error. No function here may be called by some ranks only.
"""

import io
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from typing import TypeVar

import deepspeed
import deepspeed.comm as dist
import torch
from deepspeed.accelerator import get_accelerator

from kormo_ds.errors import KormoError
from kormo_ds.train import cpu_operator, launchers

T = TypeVar("T")

_LOST = re.compile("connection|gloo|broken pipe|socket", re.IGNORECASE)

TIMEOUT = timedelta(minutes=60)
"""A collective may wait so long; the default of 10 minutes is less than a large save takes."""


def lost(error: BaseException) -> bool:
    """Is `error` what gloo or NCCL raise when another rank is gone?"""
    backend = isinstance(error, torch.distributed.DistBackendError)
    return backend or (isinstance(error, RuntimeError) and bool(_LOST.search(str(error))))


def start() -> tuple[int, int]:
    """Join the job that a launcher has started (`launchers`); returns (rank, world).

    Raises:
        KormoError: the launcher's variables, or this machine, do not do.
    """
    launchers.adopt(os.environ)
    warnings.filterwarnings("ignore", r"`torch\.distributed\.", FutureWarning)  # DeepSpeed's calls
    accelerator = get_accelerator()
    on_cpu = accelerator.device_name() == "cpu"
    if on_cpu:
        cpu_operator.ensure()
        cpu_operator.check_room(int(os.environ["LOCAL_SIZE"]))
    else:
        if accelerator.device_count() == 1:  # srun may show each task its own GPU alone
            os.environ["LOCAL_RANK"] = "0"
        accelerator.set_device(int(os.environ["LOCAL_RANK"]))
    with redirect_stdout(io.StringIO()):  # DeepSpeed prints that its operator is there
        deepspeed.init_distributed(
            accelerator.communication_backend_name(), timeout=TIMEOUT, verbose=False
        )
    if on_cpu:
        dist.barrier()
        cpu_operator.forget_buffer(dist.get_rank())
    return dist.get_rank(), dist.get_world_size()


def stop() -> None:
    """Leave the job."""
    dist.barrier()
    dist.destroy_process_group()


def device() -> torch.device:
    """The accelerator of this rank."""
    return torch.device(get_accelerator().current_device_name())


def rank() -> int:
    """Number of this process, from 0."""
    return int(dist.get_rank())


def world() -> int:
    """Number of processes."""
    return int(dist.get_world_size())


def total(value: int | float | torch.Tensor) -> float:
    """Sum of `value` over the ranks, in float64 (exact for counts below 2**53)."""
    amount = torch.as_tensor(value, dtype=torch.float64, device=device())
    dist.all_reduce(amount)
    return amount.item()


def totals(values: Iterable[float]) -> list[float]:
    """As `total`, of several values in one reduction."""
    amounts = torch.tensor(list(values), dtype=torch.float64, device=device())
    dist.all_reduce(amounts)
    return amounts.tolist()


def vectors(numbers: Sequence[float]) -> list[list[float]]:
    """`numbers` of every rank, in order of rank, in float64; all give as many. One collective."""
    mine = torch.tensor(numbers, dtype=torch.float64, device=device())
    everywhere = mine.new_empty(world() * len(mine))
    torch.distributed.all_gather_single(everywhere, mine)
    return everywhere.view(-1, len(mine)).tolist()


def gathered(value: T) -> list[T]:
    """`value` of every rank, in order of rank; small picklable things only."""
    values: list[T | None] = [None] * world()
    torch.distributed.all_gather_object(values, value)
    return values  # type: ignore[return-value]


@contextmanager
def together(doing: str) -> Iterator[None]:
    """All ranks leave this block, or all raise the error of the first that failed in it."""
    failed: KormoError | None = None
    try:
        yield
    except KormoError as error:
        failed = error
    except OSError as error:
        failed = KormoError(f"cannot {doing}: {error.strerror or error} ({error.filename or '?'})")
    first = next((error for error in gathered(failed) if error), None)
    if first:
        raise first
