"""A rank's output is kept whole, also what it wrote last before it was killed."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kormo_ds.errors import KormoError
from kormo_ds.train import rank_log

RANK = """
import os, signal, sys
from pathlib import Path
from kormo_ds.train import rank_log
rank_log.keep(Path(sys.argv[1]), int(sys.argv[2]), 2)
print("to stdout")
print("to stderr", file=sys.stderr)
os.write(2, b"as C code writes, and no end of line")
if sys.argv[3] == "kill":
    print("to the terminal alone", file=rank_log.terminal(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
sys.stdin.read()
"""


def started(folder: Path, rank: int, how: str, **more) -> subprocess.Popen:
    command = [sys.executable, "-c", RANK, str(folder), str(rank), how]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **pipes | more)


def test_what_a_killed_rank_wrote_last_is_in_its_log_and_went_where_it_would_have_gone(tmp_path):
    for attempt in (1, 2):
        rank = started(tmp_path, 3, "kill")
        out, err = rank.communicate(timeout=30)
        assert rank.returncode == -signal.SIGKILL
        assert out == "to stdout\n"
        assert "to stderr\nas C code writes, and no end of line" in err
        assert "to the terminal alone\n" in err
        text = (tmp_path / "logs" / "rank-00003.log").read_text()
        assert text.count("to stdout\n") == text.count("no end of line") == attempt
        assert text.count(f"host {os.uname().nodename}, pid {rank.pid}\n") == 1
        assert len(re.findall(r"^--- rank 3 of 2 began ", text, re.MULTILINE)) == attempt
        assert len(re.findall(r"--- rank 3 ended \S+$", text, re.MULTILINE)) == attempt
        assert "terminal alone" not in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_whole_group_leaves_the_recorder_to_its_work(number, tmp_path):
    rank = started(tmp_path, 0, "wait", start_new_session=True)
    assert rank.stdout.readline() == "to stdout\n"
    os.killpg(rank.pid, number)
    rank.communicate(timeout=30)
    assert re.search(r"--- rank 0 ended \S+\n$", (tmp_path / "logs" / "rank-00000.log").read_text())


def test_the_log_goes_on_where_nobody_reads_the_terminal(tmp_path):
    rank = started(tmp_path, 0, "wait")
    rank.stdout.close()
    rank.stderr.close()
    rank.stdin.close()
    assert rank.wait(timeout=30) == 0
    path = tmp_path / "logs" / "rank-00000.log"
    while "ended" not in path.read_text():  # the recorder is no child of this process
        time.sleep(0.01)
    assert "to stdout\n" in path.read_text() and "to stderr\n" in path.read_text()


def test_the_rank_that_ended_first_is_the_cause_of_this_attempt_alone(tmp_path):
    for rank in (0, 1):
        started(tmp_path, rank, "kill").communicate(timeout=30)
    before = rank_log.sizes(tmp_path)
    assert rank_log.cause(tmp_path, before) == ("", "")
    first, second = started(tmp_path, 1, "wait"), started(tmp_path, 0, "wait")
    first.communicate(timeout=30)
    second.communicate(timeout=30)
    name = f"rank 1 (host {os.uname().nodename}, pid {first.pid})"
    assert rank_log.cause(tmp_path, before) == ("", name)
    rank_log.note_lost(tmp_path, 0, "rank 7 (host x, pid 1) has not been heard of for 30 s")
    said = "rank 7 (host x, pid 1) has not been heard of for 30 s"
    assert rank_log.cause(tmp_path, before) == (said, name)


def test_a_log_that_has_grown_is_put_aside_and_the_one_before_it_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(rank_log, "LIMIT", 10)
    path = rank_log.path_of(tmp_path, 0)
    path.parent.mkdir()
    path.write_text("an attempt of long ago")
    path.with_name("rank-00000.log.1").write_text("older")
    code = RANK.replace("rank_log.keep", "rank_log.LIMIT = 10\nrank_log.keep")
    command = [sys.executable, "-c", code, str(tmp_path), "0", "kill"]
    subprocess.run(command, capture_output=True, timeout=30)
    assert path.read_text().startswith("--- rank 0 of 2 began ")
    assert path.with_name("rank-00000.log.1").read_text() == "an attempt of long ago"
    assert sorted(path.parent.iterdir()) == [path, path.with_name("rank-00000.log.1")]


def test_where_no_log_can_be_written_the_path_is_named(tmp_path):
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(KormoError, match=r"cannot write .*rank-00000.log: (File exists|Not a dir)"):
        rank_log.keep(tmp_path, 0, 1)
