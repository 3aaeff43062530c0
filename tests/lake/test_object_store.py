import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

WORK = """
import sys
sys.path.insert(0, {tests!r})
import pyarrow as pa
import lake
from conftest import Length, documents

lk = lake.create("s3://lakes/one")
lk.append("documents", documents(["a", "b"], ["x", "yy"]))
lk.tag("first")
lk.append("documents", documents(["c"], ["zzz"]))
lk.fill("documents", [Length()])
lk.write("mixtures/demo@1", pa.table({{"doc_id": ["b"]}}))
lk.write_bytes(b"{{}}", "tokenizers", "demo", "tokenizer.json")

again = lake.open("s3://lakes/one")
print(again.tables(), again.tags(), again.read_bytes("tokenizers", "demo", "tokenizer.json"))
print(again.sql("select doc_id, n_chars from documents order by 1").fetchall())
print(again.sql("select count(*) from documents", at="first").fetchall())
print(again.sql('select doc_id from mixtures."demo@1"').fetchall())
try:
    lake.open("s3://lakes/two")
except lake.NoLake as error:
    print(error)
"""


@pytest.fixture
def server():
    """A real S3 server on loopback (moto), with one bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, **quiet) as process:
        deadline = time.monotonic() + 60
        while True:
            try:
                bucket = urllib.request.Request(f"{url}/lakes", method="PUT")
                urllib.request.urlopen(bucket).close()
                break
            except urllib.error.URLError:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.1)
        yield url
        process.kill()


def test_a_lake_in_an_object_store(server):
    facts = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server,
        "AWS_ALLOW_HTTP": "true",
    }
    code = WORK.format(tests=str(Path(__file__).parent))
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=os.environ | facts, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "['documents', 'mixtures/demo@1'] {'first': 2} b'{}'",
        "[('a', 1), ('b', 2), ('c', 3)]",
        "[(2,)]",
        "[('b',)]",
        "no lake at s3://lakes/two; `kormo ingest` or `kormo lake create` makes one there, "
        "--lake or $KORMO_LAKE names another",
    ]
