"""Memory does not grow with the input: a file ten times as large needs less than a chunk more."""

import json
import random
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

INGEST = """
import resource, sys
import lake
from kormo_ds.ingest import Source, ingest
source = Source(path=sys.argv[1], lang="ko", source="test", origin="crawled", chunk_bytes=2_000_000)
done = ingest(lake.create(sys.argv[2]), [source])
print(done.n_added, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.fixture
def measure(tmp_path):
    def run(megabytes):
        path = tmp_path / f"{megabytes}.jsonl"
        with path.open("w") as file:
            for i in range(megabytes * 100):  # of 10 KB
                file.write(json.dumps({"text": f"{i:09} " * 1000}) + "\n")
        command = [sys.executable, "-c", INGEST, str(path), str(tmp_path / f"lake{megabytes}")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        path.unlink()
        return map(int, done.stdout.split())

    return run


def test_ten_times_the_input_needs_no_more_memory(measure):
    n_small, mib_small = measure(8)
    n_large, mib_large = measure(80)
    assert (n_small, n_large) == (800, 8000)
    assert mib_large < mib_small + 40  # MiB; the text of the large file alone is 80


READ_PARQUET = """
import sys
from pathlib import Path
import pyarrow as pa
from kormo_ds.ingest import parquet
from kormo_ds.ingest.patterns import Selection
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.progress import silent
path = Path(sys.argv[1])
reading = Reading(Selection(), 10_000, frozenset(["text"]), silent)
n = sum(1 for _ in parquet.read(File(path, path.name, path.stat().st_size), reading))
print(n, pa.default_memory_pool().max_memory())
"""


def test_a_parquet_file_of_one_row_group_is_read_page_by_page(tmp_path):
    random_ = random.Random(0)
    texts = [random_.randbytes(1500).hex() for _ in range(20_000)]  # 60 MB
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet", row_group_size=20_000)
    command = [sys.executable, "-c", READ_PARQUET, str(tmp_path / "a.parquet")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    n_rows, peak = map(int, done.stdout.split())
    assert n_rows == 20_000
    assert peak < 20_000_000
