"""A pack that is killed or finds the disk full goes on and makes the same bytes."""

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import lance
import pyarrow as pa
import pytest

import lake
from kormo_ds import sequences
from kormo_ds.documents import conversation
from kormo_ds.errors import Damaged, UnknownName
from kormo_ds.pack import Settings, pack

N = 200
TEXTS = {f"doc{i}": "abcdefgh"[i % 8] * (i * 37 % 101) for i in range(N)}
SELECTION = [(f"doc{i}", "web", 1 + i % 3 / 2) for i in range(N)]
LENGTH = {"text": 32, "chat": 64}
SMALL = {"block_tokens": 512, "blocks_a_commit": 3}

# A pack that kills itself: at block N on its way to the disk, after commit N, before or after the
# table is marked complete.
DYING = """
import os, signal, sys
import lake
from kormo_ds.pack import Settings, pack
from kormo_ds.sequences.write import Writer

root, strategy, render, where, at = sys.argv[1:]
append, finish, done = Writer.append, Writer.finish, {"block": 0, "commit": 0}

def reached(what):
    done[what] = done.get(what, 0) + 1
    if what == where and done[what] == int(at):
        os.kill(os.getpid(), signal.SIGKILL)

def dying_append(self, blocks):
    def counted():
        for block in blocks:
            yield block
            reached("block")
    append(self, counted())
    reached("commit")

def dying_finish(self, totals):
    reached("finish")
    finish(self, totals)
    reached("registry")

Writer.append, Writer.finish = dying_append, dying_finish
length = 64 if render == "chat" else 32
chosen = Settings(tokenizer="bytes", length=length, strategy=strategy, render=render)
pack(lake.open(root), "m", chosen, block_tokens=512, blocks_a_commit=3)
"""


def packed(lk: lake.Lake, strategy: str, render: str = "text") -> dict:
    chosen = Settings(tokenizer="bytes", length=LENGTH[render], strategy=strategy, render=render)
    return pack(lk, "m", chosen, **SMALL).facts


def content(lk: lake.Lake) -> list[tuple[int, str]]:
    """Rows and hash of the data file of each fragment, in order."""
    rows = Path(lk.path("sequences", "m", "rows.lance"))
    dataset = lance.dataset(rows)
    return [
        (
            fragment.count_rows(),
            hashlib.sha256((rows / "data" / file.path).read_bytes()).hexdigest(),
        )
        for fragment in dataset.get_fragments()
        for file in fragment.data_files()
    ]


def talk(number: int) -> list:
    """A conversation of 33 to 83 tokens: about a third are longer than a row of 64."""
    question = conversation.turn("user", "abcdefgh"[number % 8] * (1 + number * 37 % 26))
    thoughts = "t" * (number * 7 % 25) or None
    return [question, conversation.turn("assistant", "yes", thoughts)]


@pytest.fixture
def chat_lake(make_lake, copy_step, record):
    """chat_lake(folder) → a lake whose m@1 is conversations."""

    def make(folder: str) -> lake.Lake:
        lk = make_lake({"t": "t"}, [("t", "web", 1.0)], folder)
        rows = [{"doc_id": f"doc{i}", "messages": talk(i)} for i in range(N)]
        lk.append("documents", pa.Table.from_pylist(rows, schema=lk.schema("documents")))
        record(lk, SELECTION, version=2)
        return lk

    return make


@pytest.mark.parametrize(
    ("strategy", "render"), [("concat", "text"), ("best_fit", "text"), ("best_fit", "chat")]
)
def test_a_killed_pack_makes_the_same_bytes(make_lake, chat_lake, strategy, render):
    if render == "chat":
        whole, lk = chat_lake("whole"), chat_lake("lake")
    else:
        whole, lk = make_lake(TEXTS, SELECTION, "whole"), make_lake(TEXTS, SELECTION)
    undisturbed = packed(whole, strategy, render)
    if render == "chat":
        assert 0 < undisturbed["n_dropped"] < undisturbed["n_documents"] == 297
        assert 0 < undisturbed["n_tokens_scored"] < undisturbed["n_tokens_packed"]
    assert len(content(whole)) > 7
    kills = [("block", 2), ("commit", 2), ("block", 4), ("finish", 1), ("registry", 1)]
    for where, at in kills:
        with pytest.raises((UnknownName, Damaged)):
            sequences.open(lk.path("sequences", "m"))
        command = [sys.executable, "-c", DYING, lk.root, strategy, render, where, str(at)]
        assert subprocess.run(command, timeout=60).returncode == -signal.SIGKILL
    assert not lk.exists("sequences")
    assert packed(lk, strategy, render) == undisturbed
    assert lk.dataset("sequences").count_rows() == 1
    assert content(lk) == content(whole)
    files = list(Path(lk.path("sequences", "m", "rows.lance", "data")).iterdir())
    assert len(files) == len(content(lk)), "files of killed writers were left behind"


# The disk takes no more than a few bytes after the second commit.
FULL = """
import resource, sys
import lake
from kormo_ds.errors import KormoError
from kormo_ds.pack import Settings, pack
from kormo_ds.sequences.write import Writer

append, commits = Writer.append, 0

def filling_append(self, blocks):
    global commits
    append(self, blocks)
    commits += 1
    if commits == 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))

Writer.append = filling_append
try:
    pack(lake.open(sys.argv[1]), "m", Settings(tokenizer="bytes", length=32),
         block_tokens=512, blocks_a_commit=3)
except KormoError as error:
    print(error)
"""


def test_a_full_disk_is_one_line_and_the_pack_goes_on(make_lake):
    whole, lk = make_lake(TEXTS, SELECTION, "whole"), make_lake(TEXTS, SELECTION)
    undisturbed = packed(whole, "concat")
    command = [sys.executable, "-c", FULL, lk.root]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in ran.stderr
    assert ran.stdout.startswith(f"cannot write {lk.path('sequences', 'm')}: ")
    assert ran.stdout.endswith(
        "what was committed is kept; when there is space, go on with: "
        "kormo pack m@1 tokenizer=bytes length=32 strategy=concat name=m\n"
    )
    assert len(ran.stdout.splitlines()) == 1
    assert "/rust/" not in ran.stdout
    with pytest.raises(Damaged, match="sequences 'm' are incomplete, 96 rows so far"):
        sequences.open(lk.path("sequences", "m"))
    assert packed(lk, "concat") == undisturbed
    assert content(lk) == content(whole)
