"""What launchers tell a rank, in the words that the rest reads.

    ours          DeepSpeed     torchrun           srun
    RANK          RANK          RANK               SLURM_PROCID
    WORLD_SIZE    WORLD_SIZE    WORLD_SIZE         SLURM_STEP_NUM_TASKS
    LOCAL_RANK    LOCAL_RANK    LOCAL_RANK         SLURM_LOCALID
    LOCAL_SIZE    LOCAL_SIZE    LOCAL_WORLD_SIZE   SLURM_STEP_TASKS_PER_NODE[SLURM_NODEID]
    MASTER_ADDR   MASTER_ADDR   MASTER_ADDR        first of SLURM_STEP_NODELIST
    MASTER_PORT   MASTER_PORT   MASTER_PORT        20000 to 29999, from the numbers of job and step

A variable that is set stands above one that is worked out. Of Slurm only those of a step are read:
a batch script and a shell of `salloc` have SLURM_NTASKS and SLURM_PROCID too, and are no ranks.
Without a launcher: rank 0 of 1. Needs neither torch nor DeepSpeed.
"""

import re
from collections.abc import MutableMapping

from kormo_ds.errors import KormoError
from kormo_ds.train import port

_LOOPBACK = "127.0.0.1"
_STEP = "SLURM_STEP_NUM_TASKS"
FIRST_PORT, N_PORTS = 20000, 10000


def adopt(environment: MutableMapping[str, str]) -> None:
    """Set our six variables in `environment` from what the launcher has set there.

    Raises:
        KormoError: variables that contradict each other, or from which it does not follow where
            the ranks are to meet.
    """
    given = environment.copy()  # type: ignore[attr-defined]
    if "RANK" in given or "WORLD_SIZE" in given:
        ours = _explicit(given)
    elif n_tasks(given):
        ours = _slurm(given)
    else:
        alone = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "LOCAL_SIZE": "1"}
        ours = alone | _meeting(given, 1, 1)
    environment.update(ours)


def n_tasks(environment: MutableMapping[str, str]) -> int:
    """Tasks of the Slurm step that this process is a task of; 0 outside of one."""
    return int(environment[_STEP]) if environment.get(_STEP, "").isdecimal() else 0


def first_host(nodes: str) -> str:
    """The first host of a list as Slurm writes it.

    >>> first_host("gpu[08-11,17],login"), first_host("rack2-node5,rack3-node[1-4]")
    ('gpu08', 'rack2-node5')
    """
    first = re.match(r"(?:\[[^\]]*\]|[^,\[])*", nodes)
    return re.sub(r"\[(\w+)[^\]]*\]", r"\1", first[0] if first else "")


def tasks_of_node(tasks_per_node: str, node: int) -> int:
    """Tasks of the node of that number, from a list as Slurm writes it.

    >>> [tasks_of_node("4(x2),3", node) for node in range(3)]
    [4, 4, 3]
    """
    counts: list[int] = []
    for n, times in re.findall(r"(\d+)(?:\(x(\d+)\))?", tasks_per_node):
        counts += [int(n)] * int(times or 1)
    return counts[node]


def _explicit(given: MutableMapping[str, str]) -> dict[str, str]:
    for name, other in (("RANK", "WORLD_SIZE"), ("WORLD_SIZE", "RANK")):
        if name not in given:
            raise KormoError(f"{other} = {given[other]!r} is set, but {name} is not; set both")
    rank, world = given["RANK"], given["WORLD_SIZE"]
    if not (rank.isdecimal() and world.isdecimal() and int(rank) < int(world)):
        raise KormoError(f"RANK = {rank!r}, WORLD_SIZE = {world!r}: ranks are 0 to world size - 1")
    local = given.get("LOCAL_SIZE") or given.get("LOCAL_WORLD_SIZE") or "1"
    ours = {"LOCAL_RANK": given.get("LOCAL_RANK", "0"), "LOCAL_SIZE": local}
    return ours | _meeting(given, int(world), int(local))


def _slurm(given: MutableMapping[str, str]) -> dict[str, str]:
    try:
        world, rank = n_tasks(given), int(given["SLURM_PROCID"])
        node, local_rank = int(given["SLURM_NODEID"]), int(given["SLURM_LOCALID"])
        local = tasks_of_node(given["SLURM_STEP_TASKS_PER_NODE"], node)
    except (KeyError, ValueError, IndexError) as error:
        raise KormoError(
            f"{_STEP} is set, as under srun, but the rank does not follow from SLURM_PROCID, "
            f"SLURM_NODEID, SLURM_LOCALID, SLURM_STEP_TASKS_PER_NODE ({error!r}); set RANK, "
            f"WORLD_SIZE, LOCAL_RANK, LOCAL_SIZE, MASTER_ADDR and MASTER_PORT"
        ) from error
    derived = {}
    if first := first_host(given.get("SLURM_STEP_NODELIST", "")):
        derived["MASTER_ADDR"] = _LOOPBACK if local == world else first
    job, step = given.get("SLURM_JOB_ID", ""), given.get("SLURM_STEP_ID", "0")
    if job.isdecimal() and step.isdecimal():
        derived["MASTER_PORT"] = str(FIRST_PORT + (int(job) * 7 + int(step)) % N_PORTS)
    numbers = {
        "RANK": str(rank),
        "WORLD_SIZE": str(world),
        "LOCAL_RANK": given.get("LOCAL_RANK", str(local_rank)),
        "LOCAL_SIZE": given.get("LOCAL_SIZE", str(local)),
    }
    return numbers | _meeting(derived | dict(given), world, local)


def _meeting(given: MutableMapping[str, str], world: int, local: int) -> dict[str, str]:
    """MASTER_ADDR and MASTER_PORT: as given, or worked out where one rank alone has to know."""
    found = {name: given[name] for name in ("MASTER_ADDR", "MASTER_PORT") if given.get(name)}
    if world == local:
        found.setdefault("MASTER_ADDR", _LOOPBACK)
    if world == 1:
        found.setdefault("MASTER_PORT", str(port.free()))
    missing = [name for name in ("MASTER_ADDR", "MASTER_PORT") if name not in found]
    if missing:
        raise KormoError(
            f"where {world} ranks meet is not known: set {' and '.join(missing)} to the host of "
            f"rank 0 and a free port of it, the same for all ranks"
        )
    return found
