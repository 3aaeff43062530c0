"""A rank that dies, or stands still, ends the run within a minute and is named.

NCCL does not notice that a rank of another host is gone: its peers wait in a collective until that
times out, after an hour. So every rank keeps a connection of its own to rank 0, over which both
ends send a beat (an empty line) each second from a thread. A connection that the system closes is a
process that ended; one over which nothing comes for `launch.silence_seconds` is a process that was
stopped, holds Python's lock, or whose host or network is gone. Rank 0 watches all, the others watch
rank 0, and what rank 0 finds it tells to all: each writes the name into its log and ends.

An ended connection counts after `GRACE` seconds only, since ranks that a launcher or scheduler ends
end one after another; a rank that leaves in good order says so first. A watcher that was itself
stopped begins to count anew. Costs rank 0 one small write and one read a rank and second.

Plain sockets instead of torch's TCPStore: a store cannot say that a client is gone, and its calls
do not come back from a server that stands still (torch 2.13, whatever the timeout).
"""

import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

BEAT, GRACE, STOOD_STILL = 1.0, 5.0, 3.0
_BYE, _FAILED, _LOST = "bye", "failed ", "lost "
Ended = Callable[[str, Sequence[int]], None]


@dataclass
class _Peer:
    """What is known of a rank at the other end of a connection."""

    rank: int
    heard: float
    link: socket.socket | None = None
    text: bytes = b""
    closed: float | None = None
    left: bool = False
    failed: str = ""


def listen(alone: bool) -> socket.socket:
    """A socket that the ranks find rank 0 at; `alone`: all of them are on this machine."""
    if alone:
        return socket.create_server(("127.0.0.1", 0))
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", 0))


class Heartbeat:
    """The beating and watching of one rank, in a thread.

    `names` are all ranks as a reader knows them, in order. Rank 0 has the `listener`, the others
    its `address`. `ended(reason, ranks)` is called from the thread, once, when ranks are found
    dead; it is to end this process.
    """

    def __init__(
        self,
        rank: int,
        names: Sequence[str],
        token: str,
        silence: float,
        ended: Ended,
        listener: socket.socket | None = None,
        address: tuple[str, int] | None = None,
    ) -> None:
        self._rank, self._names, self._token = rank, names, token
        self._silence, self._ended = silence, ended
        self._listener, self._address = listener, address
        now = time.monotonic()
        others = range(1, len(names)) if rank == 0 else (0,)
        self._peers = {number: _Peer(number, now) for number in others}
        self._selector = selectors.DefaultSelector()
        self._over = threading.Event()
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Connect and begin to beat.

        Raises:
            OSError: rank 0 cannot be reached.
        """
        if self._listener:
            self._listener.setblocking(False)
            self._selector.register(self._listener, selectors.EVENT_READ, None)
        elif self._address:
            link = socket.create_connection(self._address, timeout=self._silence)
            link.sendall(f"{self._token} {self._rank}\n".encode())
            self._joined(self._peers[0], link)
        self._thread.start()

    def leave(self, failure: str = "") -> None:
        """Stop; the others are told that this rank is done, or what it failed with."""
        self._failure = failure
        self._over.set()
        self._thread.join(GRACE)

    def _run(self) -> None:
        beaten = checked = time.monotonic()
        while not self._over.is_set():
            for key, _ in self._selector.select(timeout=BEAT / 4):
                if key.data is None:
                    self._accept()
                else:
                    self._receive(key.data)
            now = time.monotonic()
            if now - checked > STOOD_STILL:
                self._count_anew(now)
            checked = now
            if now - beaten >= BEAT:
                beaten = now
                self._send("")
            self._judge(now)
        self._send(_FAILED + self._failure if self._failure else _BYE)

    def _accept(self) -> None:
        """A connection; whoever does not say the run's token at once is no rank of it."""
        assert self._listener
        link, _ = self._listener.accept()
        link.settimeout(BEAT)
        try:
            token, _, rank = link.makefile("rb", 0).readline(200).decode().partition(" ")
            peer = self._peers[int(rank)]
        except (OSError, ValueError, KeyError):
            link.close()
            return
        if token != self._token or peer.link:
            link.close()
            return
        self._joined(peer, link)
        if all(peer.link for peer in self._peers.values()):
            self._selector.unregister(self._listener)
            self._listener.close()

    def _joined(self, peer: _Peer, link: socket.socket) -> None:
        link.setblocking(False)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.link, peer.heard = link, time.monotonic()
        self._selector.register(link, selectors.EVENT_READ, peer)

    def _receive(self, peer: _Peer) -> None:
        assert peer.link
        try:
            text = peer.link.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            text = b""
        peer.heard = time.monotonic()
        if not text:
            peer.closed = peer.heard
            self._selector.unregister(peer.link)
            peer.link.close()
            return
        *lines, peer.text = (peer.text + text).split(b"\n")
        for line in filter(None, (line.decode(errors="replace") for line in lines)):
            if line == _BYE:
                peer.left = True
            elif line.startswith(_FAILED):
                peer.failed = line.removeprefix(_FAILED)
            elif line.startswith(_LOST):
                numbers, _, reason = line.removeprefix(_LOST).partition(" ")
                self._end(reason, [int(number) for number in numbers.split(",")])

    def _send(self, line: str) -> None:
        for peer in self._peers.values():
            if peer.link and peer.closed is None:
                try:
                    peer.link.send(f"{line}\n".encode())
                except OSError:  # it is full or broken: reading from it tells which
                    continue

    def _count_anew(self, now: float) -> None:
        """This process stood still itself, and knows nothing of the time between."""
        for peer in self._peers.values():
            peer.heard = now
            peer.closed = peer.closed and now

    def _judge(self, now: float) -> None:
        if self._over.is_set():
            return
        watched = [peer for peer in self._peers.values() if not peer.left]
        gone = [p for p in watched if p.closed is not None and now - p.closed > GRACE]
        silent = [p for p in watched if p.closed is None and now - p.heard > self._silence]
        if not gone and not silent:
            return
        gone.sort(key=lambda peer: peer.closed or 0.0)
        dead = [*gone[:1], *silent]  # the first to end takes others along
        reason = "; ".join(self._reason(peer) for peer in dead)
        ranks = [peer.rank for peer in dead]
        self._send(f"{_LOST}{','.join(map(str, ranks))} {reason}")
        self._end(reason, ranks)

    def _reason(self, peer: _Peer) -> str:
        name = self._names[peer.rank]
        if peer.failed:
            return f"{name} ended with {peer.failed}"
        if peer.closed is not None:
            return f"{name} has ended or was killed"
        return f"{name} has not been heard of for {self._silence:g} s"

    def _end(self, reason: str, ranks: Sequence[int]) -> None:
        self._over.set()
        self._ended(reason, ranks)
