"""The same as the reference program: its hand cases, and its results on real documents."""

import hashlib
import io
import json
import re
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard

import lake
from kormo_ds.dedup.bff import Settings
from kormo_ds.dedup.run_bff import run

SHARED = Path(__file__).parents[2] / "../shared"
GOLDEN = SHARED / "golden" / "bff"
HAND = GOLDEN / "hand_cases_13_13.txt"
RESULTS = sorted(GOLDEN.glob("*.tsv.zst"))
OURS = ("paragraph", "document", "old-both", "exact")
_CASE = re.compile(r"^    \S+ (\d+)/(\d+) IN (.*) -> OUT (.*)$")


def spelt(quoted):
    """A text of the hand cases: `<a0-19>` stands for the words a0 to a19."""
    text = quoted[1:-1].encode().decode("unicode_escape").encode("latin-1").decode()
    return re.sub(
        r"<(\w+?)(\d+)-(\d+)>",
        lambda m: " ".join(f"{m[1]}{i}" for i in range(int(m[2]), int(m[3]) + 1)),
        text,
    )


def hand_cases():
    if not HAND.exists():
        return [pytest.param("", "", [], marks=pytest.mark.skip(f"{HAND} is not there"))]
    cases = []
    for block in HAND.read_text(encoding="utf-8").split("== ")[1:]:
        head, *lines = block.splitlines()
        file, mode, _ = head.split()
        if mode in OURS:
            rows = [_CASE.match(line).groups() for line in lines if line.strip()]
            cases.append(pytest.param(file, mode, rows, id=f"{file.split('.')[0]} {mode}"))
    return cases


def kept(lk):
    rows = lk.sql("""
        select doc_id, source_id, final_text, bff_total, bff_contained
        from documents join final_text using (doc_id, source_id) order by doc_id
    """)
    return rows.fetchall()


@pytest.mark.parametrize(("file", "mode", "rows"), hand_cases())
def test_hand_case(tmp_path, file, mode, rows):
    texts = [spelt(text) for _, _, text, _ in rows]
    expected = [
        (text if out == "SAME" else spelt(out), int(total), int(contained))
        for (contained, total, _, out), text in zip(rows, texts, strict=True)
    ]
    lk = lake.create(tmp_path / "lake")
    ids = [f"{i:03}" for i in range(len(texts))]
    lk.append("documents", pa.table({"doc_id": ids, "source_id": ids, "text": texts}))
    run(lk, Settings(mode=mode, fp=1e-9))
    assert [row[2:] for row in kept(lk)] == expected


def documents_of(name, n):
    (path,) = (SHARED / "corpus").glob(f"*/{name}.jsonl.zst")
    with path.open("rb") as file:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        return [json.loads(line) for line in islice(lines, n)]


@pytest.mark.parametrize("path", RESULTS, ids=lambda p: p.name.removesuffix(".tsv.zst"))
def test_real_documents(tmp_path, path):
    name, n, mode, low, high, threshold = re.match(
        r"(.+)_(\d+)\.([a-z-]+)-(\d+)-(\d+)-([\d.]+)\.tsv\.zst", path.name
    ).groups()
    rows = documents_of(name, int(n))
    lk = lake.create(tmp_path / "lake")
    lk.append(
        "documents",
        pa.table(
            {
                "doc_id": [f"{i:06}" for i in range(len(rows))],
                "source_id": [row["id"] for row in rows],
                "text": [row["text"] for row in rows],
            }
        ),
    )
    sizes = {"min_ngram": int(low), "max_ngram": int(high), "threshold": float(threshold)}
    run(lk, Settings(mode=mode, fp=1e-9, **sizes))
    text = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read().decode()
    expected = [line.split("\t") for line in text.splitlines()[1:]]
    found = [
        [source_id, hashlib.sha256(final.encode()).hexdigest()[:16], str(len(final)),
         str(total), str(contained)]
        for _, source_id, final, total, contained in kept(lk)
    ]  # fmt: skip
    assert found == expected


@pytest.mark.skipif(not GOLDEN.exists(), reason=f"{GOLDEN} is not there")
def test_the_reference_is_compared_with():
    assert len(RESULTS) == 20
    assert len(hand_cases()) == 45
