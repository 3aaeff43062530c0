"""Real documents: what the corpus and the shipped sources hold comes in whole."""

import json
from pathlib import Path

import pytest
import zstandard

import lake
from kormo_ds import project
from kormo_ds.ingest import Source, ingest, source

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
DOWNLOADS = ROOT / "data" / "downloads"


@pytest.mark.parametrize("name", ["ko/fastapi_ko", "ko/cncf_glossary_ko", "en/cncf_glossary_en"])
def test_a_corpus_file_comes_in_as_it_is(tmp_path, name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip(f"the corpus is not at {CORPUS}")
    lines = zstandard.decompress(path.read_bytes(), max_output_size=1 << 30).splitlines()
    expected = [(row["id"], row["lang"], row["text"]) for row in map(json.loads, lines)]
    columns = {"source_id": "id", "lang": "lang", "source": "source", "url": "url"}
    lk = lake.create(tmp_path / "lake")
    done = ingest(lk, [Source(path=str(path), origin="curated", columns=columns)])
    assert (done.n_added, done.n_read) == (len(expected), len(expected))
    rows = lk.dataset("documents").to_table(columns=["source_id", "lang", "text"])
    assert [tuple(row.values()) for row in rows.to_pylist()] == expected


@pytest.mark.parametrize(
    ("name", "n_by_lang", "n_bytes"),
    [
        ("fastapi", {"ko": 39, "en": 136}, 1_505_418),
        ("django", {"en": 619}, 6_019_548),
        ("portone", {"ko": 549}, 3_125_037),
        ("hectofinancial", {"ko": 290, "en": 289}, 3_168_425),
    ],
)
def test_a_shipped_source_holds_these_documents(name, n_by_lang, n_bytes):
    path = project.files("ds_configs/source", ".yaml")[name]
    described = source.read(path, {"downloads": str(DOWNLOADS)})
    if not (DOWNLOADS / described.package.file).exists():
        pytest.skip("not downloaded; `make demo` does that")
    done = ingest(None, [described], dry_run=True)
    assert dict(done.by_lang) == n_by_lang
    assert (done.n_read, done.n_bytes) == (sum(n_by_lang.values()), n_bytes)
