"""A free port for the ranks of a job to meet at.

Two jobs of one machine must not share a number even where only one of them listens: DeepSpeed names
the buffers of CPU ranks by it.
"""

import socket


def free() -> int:
    """A TCP port of 127.0.0.1 that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number
