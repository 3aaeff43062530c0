import subprocess
import sys

import pytest

import lake

HOLD = """
import lake
with lake.open({root!r}).lock("a long fill"):
    print("held", flush=True)
    input()
"""


def test_a_second_writer_is_told_who_writes_and_a_reader_does_not_wait(lk, documents):
    script = HOLD.format(root=lk.root)
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(lake.LakeLocked, match=rf"by process {holder.pid} on .*\(a long fill: "):
        lk.append("documents", documents(["d"], ["x"]))
    assert lk.sql("select count(*) from documents").fetchall() == [(3,)]
    holder.kill()
    holder.wait()
    assert lk.append("documents", documents(["d"], ["x"])) == 1


def test_two_lakes_of_one_process_exclude_each_other(lk, documents):
    with lk.lock("outer"), lk.lock("inner"), pytest.raises(lake.LakeLocked, match="outer"):
        lake.open(lk.root).append("documents", documents(["d"], ["x"]))
    assert lake.open(lk.root).append("documents", documents(["d"], ["x"])) == 1
