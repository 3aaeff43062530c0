"""A run under `heartbeat`: who the ranks are, and what a rank does when another is dead."""

import contextlib
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kormo_ds.config import Run
from kormo_ds.errors import KormoError
from kormo_ds.run_record import manifest
from kormo_ds.train import rank_log, ranks
from kormo_ds.train.heartbeat import Heartbeat, listen

_SECONDS_TO_TELL = 1.0


@contextmanager
def watched(run: Run) -> Iterator[None]:
    """All ranks beat and watch within; each ends itself when one is dead. All call it together.

    Raises:
        KormoError: a rank cannot reach rank 0.
    """
    heart = _heart(run)
    with ranks.together("reach rank 0 for the heartbeat"):
        heart.start()
    try:
        yield
    except (KormoError, KeyboardInterrupt):
        heart.leave()
        raise
    except BaseException as error:
        if not ranks.lost(error):  # who has lost another rank goes on watching, to hear which
            heart.leave(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
        raise
    heart.leave()


def _heart(run: Run) -> Heartbeat:
    rank, world = ranks.rank(), ranks.world()
    alone = os.environ["LOCAL_SIZE"] == str(world)
    listener = listen(alone) if rank == 0 else None
    port = listener.getsockname()[1] if listener else 0
    mine = (rank_log.name(rank), _machine(), os.getpid(), port, secrets.token_hex(8))
    known = ranks.gathered(mine)

    def ended(reason: str, dead: Sequence[int]) -> None:
        try:
            _part(run, rank, [(machine, pid) for _, machine, pid, *_ in known], reason, dead)
        finally:
            os._exit(1)

    return Heartbeat(
        rank,
        [name for name, *_ in known],
        known[0][4],
        run.launch.silence_seconds,
        ended,
        listener,
        ("127.0.0.1" if alone else os.environ["MASTER_ADDR"], known[0][3]),
    )


def _part(
    run: Run, rank: int, places: list[tuple[str, int]], reason: str, dead: Sequence[int]
) -> None:
    """What is left to do for a rank before it ends for the sake of `dead` ones."""
    machine = places[rank][0]
    here = [number for number, (other, _) in enumerate(places) if other == machine]
    for number in set(dead) & set(here) - {rank}:
        with contextlib.suppress(OSError):
            os.kill(places[number][1], signal.SIGKILL)  # nothing else ends a stopped process
    with contextlib.suppress(OSError):
        rank_log.note_lost(run.path, rank, reason)
    if rank == next((number for number in here if number not in dead), None):  # one of a machine
        way_on = manifest.way_on(run.path / "checkpoints")
        with contextlib.suppress(OSError):
            print(f"{reason}; ending the run; {way_on}", file=rank_log.terminal(), flush=True)
    time.sleep(_SECONDS_TO_TELL)  # the others read what rank 0 told them


def _machine() -> str:
    """What two processes have in common that can see each other."""
    boot, names = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    seen = [boot.read_text().strip(), str(names.readlink())] if boot.exists() else []
    return " ".join([socket.gethostname(), *seen])
