"""The part with ranks: do they sum rightly, and is a step under ZeRO the step of plain torch.

Ranks are real: one a GPU over NCCL, or two of the CPU over gloo. A case that raises is a finding
and the rest are tried in a new job; ranks that wait for each other, or cannot meet at all, end it.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kormo_ds.doctor import job
from kormo_ds.doctor.cases import Case, judge, mend
from kormo_ds.doctor.finding import Finding, fail, ok

_MEETING = {
    "gloo": "GLOO_SOCKET_IFNAME=lo kormo doctor; the host's name must resolve (/etc/hosts)",
    "nccl": (
        "NCCL_DEBUG=INFO kormo doctor says more; try NCCL_P2P_DISABLE=1, NCCL_SHM_DISABLE=1, "
        "docker run --shm-size=1g"
    ),
}


def findings(
    cases: Sequence[Case], n_ranks: int, environment: dict[str, str], backend: str
) -> Iterator[Finding]:
    """A line for the ranks' sums and one a case, as each is done.

    Args:
        cases: in order.
        n_ranks: of this machine.
        environment: of the ranks, less their numbers.
        backend: 'nccl' or 'gloo'.
    """
    what = f"sums over {n_ranks} ranks"
    left, met = list(cases), False
    while left:
        folder, keep = Path(tempfile.mkdtemp(prefix="kormo-doctor-")), False
        n_done = -1
        try:
            for answer in job.answers(folder, left, n_ranks, environment):
                n_done += 1
                if n_done:
                    yield judge(left[n_done - 1], **answer)
                elif not met:
                    met = True
                    yield sums(what, answer["sums"], backend)
            return
        except job.JobEnded as error:
            keep = True
            logs = f"; the ranks' output is in {folder}"
            if n_done < 0:
                yield fail(what, f"{backend}: {error}", _MEETING[backend] + logs)
                return
            yield fail(left[n_done].name, str(error), mend(left[n_done]) + logs)
            left = [] if error.hangs else left[n_done + 1 :]
        finally:
            if not keep:
                shutil.rmtree(folder, ignore_errors=True)


def sums(what: str, told: dict[str, Any], backend: str) -> Finding:
    """What the ranks' own all-reduce gave: every number right, and how fast."""
    seconds, n_bytes = told["seconds"], told["bytes"]
    rate = f"{n_bytes / 1e6:,.0f} MB in {seconds * 1e3:,.1f} ms"
    if told["wrong"]:
        return fail(what, f"{backend}: {told['wrong']:,} numbers are wrong", _MEETING[backend])
    return ok(what, f"{backend}: right, {rate}")
