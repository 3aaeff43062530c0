"""Damaged archives: what is whole is read, what is not is one reject with its place in bytes."""

import gzip
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import lake
from kormo_ds.ingest import Source, ingest
from tests.ingest.warcs import OK, answer, packed, small, text_of

SUFFIXES = [".warc", ".warc.gz", ".warc.zst"]
COMPRESSED = SUFFIXES[1:]


@pytest.fixture
def read(tmp_path, outcome):
    """Record numbers with their texts and reasons, of an archive of these bytes."""

    def read(data, suffix, **options):
        (tmp_path / f"a{suffix}").write_bytes(data)
        return [(number, text) for _, number, text in outcome(tmp_path / f"a{suffix}", **options)]

    return read


def members(suffix, n=5):
    return [packed(suffix, [small(number)]) for number in range(1, n + 1)]


def whole(*numbers, shift=0):
    return [(number + shift, text_of(number)) for number in numbers]


BROKEN = [(3, "broken_record")]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("cut", [5, 40, 90])
def test_a_file_cut_off_loses_its_last_record(read, suffix, cut):
    *before, last = members(suffix)
    found = read(b"".join(before) + last[: len(last) - cut], suffix)
    assert found == [*whole(1, 2, 3, 4), (5, "broken_record")]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("junk", [b"garbage! \r\n" * 9, b"\0" * 512, b"\x1f\x8b\x08\0\x28\xb5\x2f"])
def test_bytes_between_records_are_passed_over(read, suffix, junk):
    one = members(suffix)
    found = read(b"".join([*one[:2], junk, *one[2:]]), suffix)
    assert found == [*whole(1, 2), *BROKEN, *whole(3, 4, 5, shift=1)]


@pytest.mark.parametrize("suffix", COMPRESSED)
@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, 1.0])
def test_a_flipped_bit_costs_the_member_that_it_is_in(read, suffix, at):
    one = members(suffix)
    if suffix.endswith(".zst"):  # with a checksum, as gzip always has
        import zstandard

        pack = zstandard.ZstdCompressor(write_checksum=True).compress
        one = [pack(small(number)) for number in range(1, 6)]
    place = max(12, int(at * (len(one[2]) - 1)))
    one[2] = one[2][:place] + bytes([one[2][place] ^ 0x40]) + one[2][place + 1 :]
    found = read(b"".join(one), suffix)
    assert found == [*whole(1, 2), *BROKEN, *whole(4, 5)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_record_whose_middle_is_missing(read, suffix):
    one = members(suffix)
    one[2] = one[2][: len(one[2]) // 2]
    assert read(b"".join(one), suffix) == [*whole(1, 2), *BROKEN, *whole(4, 5)]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("length", [0, 9, 150, 1_000, 10**6, 10**12, "many", "", None, -3])
def test_a_wrong_content_length_costs_its_record(read, suffix, length):
    wrong = packed(suffix, [answer("x", "<p>wrong " + "w" * 300, Content_Length=length)])
    one = members(suffix)
    found = read(b"".join([*one[:2], wrong, *one[2:]]), suffix, max_chars=100)
    assert found == [*whole(1, 2), *BROKEN, *whole(3, 4, 5, shift=1)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_header_without_an_end(read, suffix):
    wrong = packed(suffix, [b"WARC/1.0\r\nWARC-Type: response\r\nX: " + b"x" * 200_000])
    one = members(suffix)
    found = read(b"".join([*one[:2], wrong, *one[2:]]), suffix)
    assert found == [*whole(1, 2), *BROKEN, *whole(3, 4, 5, shift=1)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_record_too_large_to_keep_is_passed_over(read, suffix):
    large = packed(suffix, [answer("x", "<p>" + "w" * (17 << 20))])
    one = members(suffix)
    found = read(b"".join([*one[:2], large, *one[2:]]), suffix, max_chars=100)
    assert found == [*whole(1, 2), (3, "too_long"), *whole(3, 4, 5, shift=1)]


def test_a_page_that_unpacks_to_more_than_is_read_is_one_reject(read):
    bomb = gzip.compress(b"<p>" + b"w" * (40 << 20))
    page = answer(1, bomb, OK + "\r\nContent-Encoding: gzip")
    assert read(page + small(2), ".warc", max_chars=100) == [(1, "too_long"), *whole(2)]


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_what_is_not_compressed_at_all_is_one_reject(read, suffix):
    assert read(b"plain text", suffix) == [(1, "broken_record")]


def test_a_page_may_show_a_record(read):
    """Only a record that is damaged already is searched for the next one."""
    shown = answer(1, "<main><p>A record begins so, on a line of its own:</p><pre>\nWARC/1.0\r\n")
    (one, two) = read(shown + small(2), ".warc")
    assert (one[0], "WARC/1.0" in one[1], two) == (1, True, whole(2)[0])


@pytest.mark.parametrize(
    ("suffix", "place"),
    [
        (".warc", "byte {at}: cut off, or Content-Length is not 99,999; read on at byte {next}"),
        (".warc.gz", "byte {at}: cut off, or Content-Length is not 99,999; read on at byte {next}"),
    ],
)
def test_a_reject_names_its_bytes(tmp_path, suffix, place):
    one = members(suffix, 3)
    one[1] = packed(suffix, [answer(2, "<p>wrong", Content_Length=99_999)])
    (tmp_path / f"a{suffix}").write_bytes(b"".join(one))
    lk = lake.create(tmp_path / "lake")
    source = Source(path=str(tmp_path / f"a{suffix}"), lang="ko", source="cc", origin="crawled")
    ingest(lk, [source])
    (reject,) = lk.dataset("rejects").to_table().to_pylist()
    at, after = len(one[0]), len(one[0]) + len(one[1])
    assert reject["detail"] == place.format(at=at, next=after)
    assert (reject["line"], reject["reason"]) == (2, "broken_record")


DYING = """
import os, signal, sys
import lake
from kormo_ds.ingest import Source, ingest

append, n = lake.Lake.append, 0

def dying_append(self, name, rows, *rest):
    global n
    added = append(self, name, rows, *rest)
    n += name == "documents"
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return added

lake.Lake.append = dying_append
ingest(lake.create(sys.argv[2]), [Source(path=sys.argv[1], lang="ko", source="cc",
    origin="crawled", chunk_rows=20)])
"""


def test_killed_and_run_again_the_lake_is_that_of_a_run_left_alone(tmp_path):
    one = members(".warc.gz", 200)
    one[70] = one[70][:60]
    one[90:90] = [b"garbage", *members(".warc.gz", 2)]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(one))
    source = Source(path=str(path), lang="ko", source="cc", origin="crawled", chunk_rows=20)

    def content(lk):
        tables = [lk.dataset(name).to_table() for name in ("documents", "rejects")]
        return [table.drop_columns(["ingest_run"]).to_pylist() for table in tables]

    alone = lake.create(tmp_path / "alone")
    done = ingest(alone, [source])
    assert (done.n_read, done.n_added, done.n_present, done.n_rejected) == (203, 199, 2, 2)
    command = [sys.executable, "-c", DYING, str(path), str(tmp_path / "killed")]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    lk = lake.open(tmp_path / "killed")
    assert lk.dataset("documents").count_rows() == 60
    done = ingest(lk, [source])
    assert (done.n_read, done.n_added, done.n_present, done.n_rejected) == (203, 139, 62, 2)
    assert content(lk) == content(alone)
    done = ingest(lk, [source])
    assert (done.n_added, done.n_present, done.n_rejected) == (0, 201, 2)


READ = r"""
import re, sys
from pathlib import Path
from kormo_ds.ingest.members import Archive
from kormo_ds.ingest.records import records
n = sum(1 for _ in records(Archive(Path(sys.argv[1]), lambda n: None), 1 << 20))
status = Path("/proc/self/status").read_text()  # ru_maxrss has the parent's peak in it
print(n, int(re.search(r"VmHWM:\s*(\d+)", status)[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_memory_does_not_grow_with_the_archive(tmp_path, suffix):
    peaks = []
    for n in (100, 2000):
        block = packed(suffix, [answer(1, "<p>" + json.dumps([*range(9000)]))])  # 49 KB
        (tmp_path / f"a{suffix}").write_bytes(block * n)
        command = [sys.executable, "-c", READ, str(tmp_path / f"a{suffix}")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found, peak = map(int, re.findall(r"\d+", done.stdout))
        assert found == n
        peaks.append(peak)
    assert peaks[1] < peaks[0] + 15  # MiB; the large archive unpacks to 98
