"""`kormo dedup bff` as it is typed, and `final_text` into a file."""

import json
import re

import pyarrow as pa
import zstandard

import lake

A, B, C = (" ".join(f"{name}{i}" for i in range(20)) for name in "abc")
COMMAND = "mode=old-both min_ngram=13 max_ngram=13 threshold=0.8 fp=0.01"


def test_from_documents_to_a_file(tmp_path, run):
    lk = lake.create(tmp_path / "lake")
    texts = [f"{A}\n{B}", f"{A}\n{B}", f"{C}\n{B}"]
    ids = ["x", "y", "z"]
    columns = {"doc_id": ids, "source_id": ids, "text": texts, "lang": ["en"] * 3}
    lk.append("documents", pa.table({**columns, "source": ["s"] * 3}))
    command = f"kormo dedup bff --lake {lk.root} {COMMAND}"
    done = run(command.split(), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 documents to judge; all hold about 48 n-grams" in done.stdout
    assert re.search(
        r"filter for 16,000,000 n-grams at fp 0.01: 20.2 MB of memory \(1.26 bytes an n-gram\), "
        r"[\d.,]+ GB are free",
        done.stdout,
    )
    assert re.search(r"bff_reason +duplicate_document +1 +33.3%", done.stdout)
    assert "filter: 24 distinct n-grams" in done.stdout
    assert re.search(r"false positives: \S+ measured, 0.01 planned", done.stdout)
    assert re.search(r"^en +s +3 +1 ", done.stdout, re.MULTILINE)

    out = tmp_path / "x.jsonl.zst"
    query = "select doc_id, source_id, final_text from final_text order by doc_id"
    done = run(["kormo", "sql", "-c", query, "--lake", lk.root, "--out", str(out)], tmp_path)
    assert done.returncode == 0, done.stderr
    with zstandard.open(out, "rt", encoding="utf-8") as lines:
        assert [tuple(json.loads(line).values()) for line in lines] == [
            ("x", "x", f"{A}\n{B}"), ("y", "y", ""), ("z", "z", C),
        ]  # fmt: skip

    again = run(command.split(), tmp_path)
    assert "0 documents computed, 3 were there already" in again.stdout


def test_what_cannot_be_said(tmp_path, run):
    lk = lake.create(tmp_path / "lake")
    lk.append("documents", pa.table({"doc_id": ["x"], "text": [A]}))
    for words, message in (
        ("old-both", "'old-both' is no setting; write NAME=VALUE, e.g. mode=old-both"),
        ("mod=old-both", "unknown setting 'mod'; did you mean 'mode'?"),
        ("fp=high", "could not be converted to Float"),
        ("mode=both", "unknown mode 'both'"),
        ("expected=100000000000", "are free; give a larger fp="),
    ):
        done = run(["kormo", "dedup", "bff", "--lake", lk.root, words], tmp_path)
        assert done.returncode == 2, words
        assert message in done.stderr and "Traceback" not in done.stderr


def test_after_kept_is_the_steps_before_that_decide(tmp_path, run):
    lk = lake.create(tmp_path / "lake")
    columns = {"doc_id": ["x", "y"], "text": [A, f"{A}\n{B}\n{C}"], "lang": ["ko", "en"]}
    lk.append("documents", pa.table({**columns, "source": ["s"] * 2}))
    for command in (
        "kormo step run clean length length.min_words=30 fineweb c4 pii",
        "kormo dedup exact after=kept",
    ):
        done = run([*command.split(), "--lake", lk.root], tmp_path)
        assert done.returncode == 0, done.stderr
    assert "after=length_reason,fineweb_reason@en\n" in done.stdout
    done = run(["kormo", "dedup", "bff", "after=kept", "--lake", lk.root], tmp_path)
    assert "after=length_reason,fineweb_reason@en,exact_reason\n" in done.stdout
    reasons = lk.dataset().to_table(["bff_reason"])["bff_reason"].to_pylist()
    assert reasons == ["left_out", "left_out"]
