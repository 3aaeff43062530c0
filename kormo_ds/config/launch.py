"""Where the ranks of a run are started, and when one of them counts as dead."""

from dataclasses import dataclass

from kormo_ds.config.check import check
from kormo_ds.errors import BadConfig


@dataclass(frozen=True, kw_only=True)
class LaunchConfig:
    """What `kormo train` gives DeepSpeed's launcher (docs/launch.md); none of it makes the run."""

    hostfile: str = ""
    """File of lines `HOST slots=N`, rank 0 on the first; empty: this machine alone."""
    ssh: bool = True
    """Start all hosts from here through pdsh. False: the same command is given on every host."""
    node_rank: int | None = None
    """Without ssh: which host of the hostfile this is, from 0."""
    master_addr: str = ""
    """Where rank 0 can be reached; empty: the first host by its name."""
    master_port: int = 0
    """At which port; 0: one that is free here, or 29500 with a hostfile."""
    silence_seconds: float = 30.0
    """A rank that has not been heard of for so long is dead, and the run ends (`heartbeat`)."""

    def __post_init__(self) -> None:
        port = self.master_port
        check("launch.master_port", port, 0 <= port < 65536, "0 to 65535")
        silence = self.silence_seconds
        check("launch.silence_seconds", silence, silence >= 5, "5 or more")
        for key, given in (("node_rank", self.node_rank), ("master_addr", self.master_addr)):
            if given not in (None, "") and not self.hostfile:
                raise BadConfig(f"launch.{key} = {given!r} needs launch.hostfile")
        if not self.ssh and not self.hostfile:
            raise BadConfig("launch.ssh = False needs launch.hostfile, the same on every host")
        if self.ssh and self.node_rank is not None:
            raise BadConfig(
                f"launch.node_rank = {self.node_rank} is for launch.ssh=false; through ssh the "
                f"hosts are numbered as the hostfile lists them"
            )
        if not self.ssh and self.node_rank is None:
            raise BadConfig(
                "launch.ssh = False needs launch.node_rank=K on each host: its place in the "
                "hostfile, from 0"
            )
