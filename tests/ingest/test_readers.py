"""Formats times bad rows: each tiny file gives exactly these texts and reasons, in this order."""

import gzip
import io
import json
import random
import tarfile
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from kormo_ds.errors import BadInput

BAD_LINES = [
    (b'{"text": "one"}', "one"),
    (b'{"text": "two"', "broken_json"),
    (b"[1, 2]", "not_an_object"),
    (b"null", "not_an_object"),
    (b'{"body": "x"}', "no_text"),
    (b'{"text": null}', "no_text"),
    (b'{"text": ""}', "empty_text"),
    (b'{"text": " \\n\\u3000"}', "empty_text"),
    (b'{"text": 5}', "wrong_type"),
    (b'{"text": ["a"]}', "wrong_type"),
    (b'{"text": "\xff"}', "invalid_utf8"),
    (b'{"text": "\\ud83d"}', "lone_surrogate"),
    (b'{"text": "\\ud83d\\ude00"}', "\N{GRINNING FACE}"),
    (b'{"text": "a\\u0000b"}', "nul_character"),
    (b'{"text": "12345678901"}', "too_long"),
    (b'{"text": "1234567890"}', "1234567890"),
    (b'{"text": "x", "n": NaN}', "x"),
    (b'{"text": "x", "n": ' + b"9" * 5000 + b"}", "broken_json"),
    (b"[" * 100_000, "broken_json"),
    ('{"text": "마지막"}'.encode(), "마지막"),
]
LINES = b"\n".join(line for line, _ in BAD_LINES)
EXPECTED = [(number, found) for number, (_, found) in enumerate(BAD_LINES, 1)]


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.jsonl", bytes),
        ("a.ndjson", bytes),
        ("a.json.gz", gzip.compress),
        ("a.jsonl.gz", lambda data: gzip.compress(data[:70]) + gzip.compress(data[70:])),
        ("A.JSONL.ZST", zstandard.compress),
        ("a.jsonl.zst", lambda data: zstandard.compress(data[:9]) + zstandard.compress(data[9:])),
    ],
)
def test_json_lines(tmp_path, outcome, name, pack):
    (tmp_path / name).write_bytes(pack(LINES))
    found = outcome(tmp_path / name, max_chars=10)
    assert found == [(name, number, text) for number, text in EXPECTED]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbf" + b'{"text": "bom"}\n', [(1, "bom")]),
        (b'{"text": "crlf"}\r\n{"text": "b"}\r\n', [(1, "crlf"), (2, "b")]),
        (b'\n  \n{"text": "after blank lines"}\n', [(3, "after blank lines")]),
        (b"", []),
    ],
)
def test_json_lines_as_they_come(tmp_path, outcome, data, expected):
    (tmp_path / "a.jsonl").write_bytes(data)
    assert outcome(tmp_path / "a.jsonl") == [("a.jsonl", *row) for row in expected]


def test_a_line_too_long_to_read_is_one_reject(tmp_path, outcome):
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(b'{"text": "a"}\n{"text": "' + b"x" * 3_000_000 + b'"}\n{"text": "b"}\n')
    expected = [("a.jsonl", 1, "a"), ("a.jsonl", 2, "too_long"), ("a.jsonl", 3, "b")]
    assert outcome(tmp_path / "a.jsonl", max_chars=100) == expected


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_a_compressed_file_cut_off_keeps_its_rows_and_the_next_file(
    tmp_path, outcome, suffix, pack
):
    noise = random.Random(0)
    rows = [json.dumps({"text": f"{i} {noise.getrandbits(4000)}"}) for i in range(1000)]
    packed = pack("\n".join(rows).encode())
    (tmp_path / f"a.jsonl{suffix}").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "b.jsonl").write_bytes(b'{"text": "next"}')
    *kept, broken, after = outcome(tmp_path)
    assert 300 < len(kept) < 1000
    assert [text for _, _, text in kept] == [json.loads(row)["text"] for row in rows[: len(kept)]]
    assert broken == (f"a.jsonl{suffix}", len(kept) + 1, "broken_file")
    assert after == ("b.jsonl", 1, "next")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_what_is_not_compressed_at_all_is_one_reject(tmp_path, outcome, suffix):
    (tmp_path / f"a.jsonl{suffix}").write_bytes(b"plain text")
    assert outcome(tmp_path / f"a.jsonl{suffix}") == [(f"a.jsonl{suffix}", 1, "broken_file")]


def test_parquet(tmp_path, outcome):
    texts = [b"one", None, b"", b"  ", b"\xff", b"a\0b", b"12345678901", "끝".encode()]
    column = pa.array(texts, pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": column, "other": range(8)}), tmp_path / "a.parquet")
    found = outcome(tmp_path / "a.parquet", max_chars=10)
    reasons = [
        "one",
        "no_text",
        "empty_text",
        "empty_text",
        "invalid_utf8",
        "nul_character",
        "too_long",
        "끝",
    ]
    assert found == [("a.parquet", line, text) for line, text in enumerate(reasons, 1)]


@pytest.mark.parametrize("type_", [pa.int64(), pa.list_(pa.string()), pa.bool_()])
def test_parquet_of_another_type(tmp_path, outcome, type_):
    value = {pa.int64(): 1, pa.bool_(): True}.get(type_, ["a"])
    pq.write_table(pa.table({"text": pa.array([value], type_)}), tmp_path / "a.parquet")
    assert outcome(tmp_path / "a.parquet") == [("a.parquet", 1, "wrong_type")]


def test_a_damaged_parquet_file_is_one_reject(tmp_path, outcome):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no footer")
    pq.write_table(pa.table({"text": ["next"]}), tmp_path / "b.parquet")
    assert outcome(tmp_path) == [("a.parquet", 1, "broken_file"), ("b.parquet", 1, "next")]


FILES = {
    "b.md": "# 제목\r\n".encode(),
    "a/z.txt": b"\xef\xbb\xbfplain",
    "a/b.rst": b"Title\n=====\n",
    "a-1.txt": b"",
    "c.txt": b"\xff\xfe",
    "d.txt": b"x" * 52,
    "e.txt": b"x" * 13,
    "skip.py": b"import os",
}
TEXTS = [
    ("a-1.txt", 0, "empty_text"),
    ("a/b.rst", 0, "Title\n=====\n"),
    ("a/z.txt", 0, "plain"),
    ("b.md", 0, "# 제목\r\n"),
    ("c.txt", 0, "invalid_utf8"),
    ("d.txt", 0, "too_long"),
    ("e.txt", 0, "too_long"),
]


def folder(path):
    for name, data in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)


def zipped(path, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)


def tarred(files=FILES):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_a_folder_of_texts(tmp_path, outcome):
    folder(tmp_path)
    assert outcome(tmp_path, max_chars=12) == TEXTS


@pytest.mark.parametrize("name", ["a.zip", "a-1.0-py3-none-any.whl"])
def test_a_zip_reads_as_the_folder_does(tmp_path, outcome, name):
    zipped(tmp_path / name)
    assert outcome(tmp_path / name, max_chars=12) == TEXTS


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.tar", bytes),
        ("a-1.0.tar.gz", gzip.compress),
        ("a.tgz", gzip.compress),
        ("a.tar.zst", zstandard.compress),
    ],
)
def test_a_tar_reads_as_the_folder_does(tmp_path, outcome, name, pack):
    (tmp_path / name).write_bytes(pack(tarred()))
    assert outcome(tmp_path / name, max_chars=12) == TEXTS


BIG = {f"{i}.txt": str(i).encode() * 20_000 for i in range(9)}


@pytest.mark.parametrize(
    ("name", "data", "n_kept"),
    [
        ("a.tar", tarred(BIG)[:90_000], 4),  # a member is 512 + 20,480 bytes
        ("a.tar", tarred(BIG)[:20_992], 1),
        ("a.tar", tarred(BIG)[: 4 * 20_992] + b"\xff" * 512 + tarred(BIG)[4 * 20_992 + 512 :], 4),
        ("a.tgz", gzip.compress(tarred(BIG), 0)[:90_000], 4),
        ("a.tar.zst", zstandard.compress(tarred(BIG))[:-9], 6),
    ],
)
def test_a_damaged_tar_keeps_what_was_read_and_the_next_file(tmp_path, outcome, name, data, n_kept):
    (tmp_path / name).write_bytes(data)
    (tmp_path / "b.txt").write_bytes(b"next")
    *kept, broken, after = outcome(tmp_path)
    assert kept == [(f"{name}/{n}", 0, t.decode()) for n, t in list(BIG.items())[:n_kept]]
    assert broken == (f"{name}/", 0, "broken_file")
    assert after == ("b.txt", 0, "next")


def test_a_zip_cut_off_or_with_a_bad_member_loses_no_other(tmp_path, outcome):
    zipped(tmp_path / "bad.zip", zipfile.ZIP_STORED)
    data = (tmp_path / "bad.zip").read_bytes()
    (tmp_path / "bad.zip").write_bytes(data.replace(b"Title\n=====", b"TITLE\n====="))
    (tmp_path / "cut.zip").write_bytes(data[:-30])
    found = outcome(tmp_path)
    assert ("bad.zip/a/b.rst", 0, "broken_file") in found
    assert ("bad.zip/b.md", 0, "# 제목\r\n") in found
    assert found[-1] == ("cut.zip/", 0, "broken_file")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"include": ("*.md",)}, ["b.md"]),
        ({"include": ("a/*", "*.md")}, ["a/b.rst", "a/z.txt", "b.md"]),
        ({"exclude": ("*.txt",)}, ["a/b.rst", "b.md"]),
        ({"include": ("a*",), "exclude": ("*.rst",)}, ["a-1.txt", "a/z.txt"]),
        ({"root": "a"}, ["b.rst", "z.txt"]),
        ({"root": "/a/", "include": ("*.rst",)}, ["b.rst"]),
    ],
)
def test_patterns_and_root_choose_files_and_members(tmp_path, outcome, options, expected):
    folder(tmp_path / "folder")
    zipped(tmp_path / "a.zip")
    (tmp_path / "a.tar").write_bytes(tarred())
    for path in ("folder", "a.zip", "a.tar"):
        assert [name for name, _, _ in outcome(tmp_path / path, **options)] == expected


def test_links_and_folders_of_an_archive_are_no_documents(tmp_path, outcome):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("real.md"), io.BytesIO(b""))
        for name, type_ in (("sub.md", tarfile.DIRTYPE), ("link.md", tarfile.SYMTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = type_, "real.md"
            archive.addfile(info)
    assert outcome(tmp_path / "a.tar") == [("real.md", 0, "empty_text")]


def test_a_folder_of_all_formats_is_read_in_the_order_of_names(tmp_path, outcome):
    (tmp_path / "4.jsonl").write_bytes(b'{"text": "four"}')
    pq.write_table(pa.table({"text": ["two"]}), tmp_path / "2.parquet")
    (tmp_path / "3.md").write_bytes(b"three")
    (tmp_path / "1.tar").write_bytes(tarred({"z.md": b"z", "a.md": b"a"}))
    texts = [text for _, _, text in outcome(tmp_path)]
    assert texts == ["a", "z", "two", "three", "four"]


def test_what_cannot_be_read_is_said_at_once(tmp_path, outcome):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.docx").write_bytes(b"x")
    for path, message in [
        (tmp_path / "none.jsonl", "no file or folder"),
        (tmp_path / "empty", "it is empty"),
        (tmp_path / "a.docx", "cannot tell what"),
    ]:
        with pytest.raises(BadInput, match=message):
            outcome(path)
    folder(tmp_path / "folder")
    with pytest.raises(BadInput, match="none of its 8 files is chosen by root, include"):
        outcome(tmp_path / "folder", include=("*.html",))
