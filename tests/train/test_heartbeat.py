"""Who is dead is named to all: real processes that are killed, stopped, leave and fail."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

GRACE, SILENCE = 0.6, 2.5
RANK = f"""
import os, sys
from kormo_ds.train import heartbeat
heartbeat.BEAT, heartbeat.GRACE, heartbeat.STOOD_STILL = 0.1, {GRACE}, 0.5
rank, port, token = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
def ended(reason, ranks):
    print(f"{{reason}} {{list(ranks)}}", flush=True)
    os._exit(1)
listener = heartbeat.listen(True) if rank == 0 else None
heart = heartbeat.Heartbeat(
    rank, ["rank 0 (a)", "rank 1 (b)", "rank 2 (c)"], token, {SILENCE}, ended,
    listener, ("127.0.0.1", port),
)
print(listener.getsockname()[1] if listener else "", flush=True)
heart.start()
print("up", flush=True)
word, _, rest = sys.stdin.readline().strip().partition(" ")
heart.leave(rest)
os._exit(3 if rest else 0)
"""


@pytest.fixture
def ranks():
    """Three ranks that beat and watch."""
    up, port = [], 0
    for rank in range(3):
        command = [sys.executable, "-c", RANK, str(rank), str(port), "token"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        up.append(subprocess.Popen(command, **pipes))
        port = (
            int(up[-1].stdout.readline() or 0) if rank == 0 else (up[-1].stdout.readline(), port)[1]
        )
    for rank in up:
        assert rank.stdout.readline() == "up\n"
    up[0].port = port
    yield up
    for rank in up:
        rank.kill()
        rank.wait()
        rank.stdin.close()
        rank.stdout.close()


def say(rank, line):
    rank.stdin.write(f"{line}\n")
    rank.stdin.flush()


def ends(*ranks):
    """What the ranks say and their exit codes, once they have ended."""
    return [(rank.stdout.readline().strip(), rank.wait(timeout=20)) for rank in ranks]


@pytest.mark.parametrize(("dead", "name"), [(0, "rank 0 (a)"), (2, "rank 2 (c)")])
def test_a_killed_rank_is_named_by_all_others(ranks, dead, name):
    ranks[dead].kill()
    others = [rank for rank in ranks if rank is not ranks[dead]]
    assert ends(*others) == [(f"{name} has ended or was killed [{dead}]", 1)] * 2


@pytest.mark.parametrize(("dead", "name"), [(0, "rank 0 (a)"), (2, "rank 2 (c)")])
def test_a_stopped_rank_is_named_by_all_others_and_ends_when_it_goes_on(ranks, dead, name):
    os.kill(ranks[dead].pid, signal.SIGSTOP)
    others = [rank for rank in ranks if rank is not ranks[dead]]
    assert ends(*others) == [(f"{name} has not been heard of for {SILENCE} s [{dead}]", 1)] * 2
    os.kill(ranks[dead].pid, signal.SIGCONT)
    assert ends(ranks[dead])[0][1] == 1


def test_a_rank_that_fails_is_named_with_its_error(ranks):
    say(ranks[1], "leave ValueError: no such thing")
    assert ranks[1].wait(timeout=20) == 3
    told = "rank 1 (b) ended with ValueError: no such thing [1]"
    assert ends(ranks[0], ranks[2]) == [(told, 1)] * 2


def test_ranks_that_leave_at_different_times_alarm_nobody(ranks):
    for leaving in (1, 0, 2):
        say(ranks[leaving], "leave")
        assert ranks[leaving].wait(timeout=20) == 0
        time.sleep(2 * GRACE)  # so long it would have taken to be named
        assert [rank.poll() for rank in ranks if rank.poll() not in (None, 0)] == []


def test_who_stood_still_itself_accuses_nobody(ranks):
    for rank in ranks:
        os.kill(rank.pid, signal.SIGSTOP)
    time.sleep(2 * SILENCE)  # a machine that sleeps
    for rank in ranks:
        os.kill(rank.pid, signal.SIGCONT)
    time.sleep(2 * GRACE)
    assert [rank.poll() for rank in ranks] == [None] * 3


def test_strangers_at_the_port_are_no_ranks(ranks):
    command = [sys.executable, "-c", RANK, "0", "0", "token"]
    alone = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = int(alone.stdout.readline())
    for greeting in (b"", b"other 1\n", b"token 9\n", b"GET / HTTP/1.1\r\n\r\n", b"\xff\n"):
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            stranger.sendall(greeting)
    assert alone.stdout.readline() == "up\n"
    [(told, code)] = ends(alone)
    assert code == 1 and told == (
        f"rank 1 (b) has not been heard of for {SILENCE} s; "
        f"rank 2 (c) has not been heard of for {SILENCE} s [1, 2]"
    )
    alone.stdin.close()
    alone.stdout.close()
