"""A file that is one JSON array: its elements, and what ends it."""

import gzip
import json
import subprocess
import sys

import pytest
import zstandard

from kormo_ds.errors import BadInput
from kormo_ds.ingest.streams import READ_BYTES

ROW = '{"text": "one"}'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("[]", []),
        (" \n[ ] \n", []),
        (f"[{ROW}]", ["one"]),
        (f"\ufeff\n [{ROW} ,\n\t{ROW}]\r\n", ["one", "one"]),
        ('[{"text": "]}, {"}]', ["]}, {"]),
        ('[{"text": "\\"한\\ud83d\\ude00"}]', ['"한\N{GRINNING FACE}']),
        (f'[1, {ROW}, null, [], "x"]', ["not_an_object", "one", *["not_an_object"] * 3]),
        (f'[{{"text": ""}}, {{"n": NaN, "text": "x"}}, {ROW}]', ["empty_text", "x", "one"]),
        (f"[{ROW}, {{", ["one", "broken_file"]),
        (f"[{ROW}", ["one", "broken_file"]),
        (f"[{ROW},", ["one", "broken_file"]),
        (f"[{ROW},]", ["one", "broken_file"]),
        (f"[{ROW} {ROW}]", ["one", "broken_file"]),
        (f"[{ROW}]\n[{ROW}]", ["one", "broken_file"]),
        (f'[{ROW}, {{"text": tru, "and": "much more of it"}}, {ROW}]', ["one", "broken_file"]),
        ("[" * 100_000, ["broken_file"]),
        ('[{"n": ' + "9" * 5000 + "}]", ["broken_file"]),
    ],
)
def test_an_array(tmp_path, outcome, data, expected):
    path = tmp_path / "a.json"
    path.write_text(data)
    assert outcome(path) == [("a.json", i, found) for i, found in enumerate(expected, 1)]


def test_bytes_that_are_not_utf8_cost_their_element_alone(tmp_path, outcome):
    (tmp_path / "a.json").write_bytes(
        b'[{"text": "a"}, {"text": "\xff"}, {"text": "\xed\x95\x9c"}]'
    )
    assert [found for *_, found in outcome(tmp_path / "a.json")] == ["a", "invalid_utf8", "한"]


def test_only_json_is_looked_at_for_an_array(tmp_path, outcome):
    (tmp_path / "a.jsonl").write_text(f"[1]\n{ROW}")
    (tmp_path / "b.json").write_text(f"\n{ROW}\n[1]\n{ROW}")
    reasons = [(line, found) for _, line, found in outcome(tmp_path)]
    assert reasons == [(1, "not_an_object"), (2, "one")] + [
        (2, "one"),
        (3, "not_an_object"),
        (4, "one"),
    ]


@pytest.mark.parametrize(
    ("name", "pack"), [("a.json.gz", gzip.compress), ("A.JSON.zst", zstandard.compress)]
)
@pytest.mark.parametrize("indent", [None, 2])
def test_elements_over_many_blocks(tmp_path, outcome, name, pack, indent):
    texts = [f"{i} " + "한\\" * (i * 37 % 5_000) for i in range(800)]
    data = json.dumps([{"text": text} for text in texts], ensure_ascii=False, indent=indent)
    assert len(data.encode()) > 4 << 20
    (tmp_path / name).write_bytes(pack(data.encode()))
    assert [text for *_, text in outcome(tmp_path / name)] == texts


def test_an_element_may_be_cut_anywhere_between_two_blocks(tmp_path, outcome):
    element = '12345, {"n": [1.5e+3, true, null, -7], "text": "\\u00e9\\"한\\\\"}'.encode()
    for cut in range(len(element)):
        space = b" " * (READ_BYTES - cut - 1)
        (tmp_path / "a.json").write_bytes(b"[" + space + element + b"]")
        assert [found for *_, found in outcome(tmp_path / "a.json")] == ["not_an_object", 'é"한\\']


def test_a_compressed_array_cut_off_keeps_what_came_before(tmp_path, outcome):
    rows = [{"text": f"{i} {hash((i, 1))}" * 20} for i in range(20_000)]
    packed = gzip.compress(json.dumps(rows).encode(), 1)
    (tmp_path / "a.json.gz").write_bytes(packed[: len(packed) // 2])
    *kept, broken = outcome(tmp_path / "a.json.gz")
    assert 5_000 < len(kept) < 15_000
    assert [text for *_, text in kept] == [row["text"] for row in rows[: len(kept)]]
    assert broken == ("a.json.gz", len(kept) + 1, "broken_file")


def test_an_element_too_long_to_read_ends_the_file(tmp_path, outcome):
    with (tmp_path / "a.json").open("w") as file:
        file.write(f'[{ROW}, {{"text": "' + "x" * 5_000_000 + f'"}}, {ROW}]')
    expected = [("a.json", 1, "one"), ("a.json", 2, "too_long")]
    assert outcome(tmp_path / "a.json", max_chars=100) == expected


def test_an_empty_array_is_nothing_to_read(tmp_path):
    import lake
    from kormo_ds.ingest import Source, ingest

    (tmp_path / "a.json").write_text("[]")
    source = Source(path=str(tmp_path / "a.json"), lang="ko", source="s", origin="curated")
    with pytest.raises(BadInput, match="nothing to read"):
        ingest(lake.create(tmp_path / "lake"), [source])


READ = """
import sys, tracemalloc
from pathlib import Path
from kormo_ds.ingest import json_lines
from kormo_ds.ingest.patterns import Selection
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.progress import silent
path = Path(sys.argv[1])
reading = Reading(Selection(), 10_000, None, silent)
tracemalloc.start()
n = sum(1 for _ in json_lines.read(File(path, path.name, path.stat().st_size), reading))
print(n, tracemalloc.get_traced_memory()[1])
"""


def test_an_array_is_read_with_flat_memory(tmp_path):
    with (tmp_path / "a.json").open("w") as file:
        file.write("[")
        file.writelines(json.dumps({"text": f"{i:09} " * 1000}) + "," for i in range(6_000))
        file.write(ROW + "]")
    command = [sys.executable, "-c", READ, str(tmp_path / "a.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    n_rows, peak = map(int, done.stdout.split())
    assert n_rows == 6_001
    assert peak < 12_000_000  # of 60 MB
