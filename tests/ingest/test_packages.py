"""Pinned packages: fetched once by pip, checked always. pip reads a local folder as its index."""

import hashlib
import zipfile

import pytest

from kormo_ds.errors import BadInput, Damaged
from kormo_ds.ingest import Source, ingest
from kormo_ds.ingest.packages import Package, fetch

FILE = "tiny_docs-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\nName: tiny-docs\nVersion: 1.0\nRequires-Python: >=99\n"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder with one wheel, which pip takes for the package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / FILE, "w") as wheel:
        wheel.writestr("tiny_docs/ko/a.md", "# 가\n")
        wheel.writestr("tiny_docs/en/a.md", "# a\n")
        wheel.writestr("tiny_docs/a.py", "")
        wheel.writestr("tiny_docs-1.0.dist-info/METADATA", METADATA)
        wheel.writestr("tiny_docs-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny_docs-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def package(index, **changes):
    sha256 = hashlib.sha256((index / FILE).read_bytes()).hexdigest()
    pinned = {"name": "tiny-docs", "version": "1.0", "file": FILE, "sha256": sha256}
    return Package(**{**pinned, **changes})


def test_a_package_is_fetched_once_and_read_without_installing(tmp_path, index):
    downloads = tmp_path / "downloads"
    tiny = package(index)
    assert fetch(tiny, downloads) == downloads / FILE
    assert [path.name for path in downloads.iterdir()] == [FILE]
    (index / FILE).unlink()
    assert fetch(tiny, downloads) == downloads / FILE
    source = Source(
        package=tiny,
        downloads=str(downloads),
        source="tiny",
        origin="curated",
        root="tiny_docs",
        lang_by_path={"ko/*": "ko", "en/*": "en"},
    )
    done = ingest(None, [source], dry_run=True)
    assert (dict(done.by_lang), done.n_left_out) == ({"ko": 1, "en": 1}, 4)


def test_an_index_with_another_file_is_refused_and_nothing_is_kept(tmp_path, index):
    other = package(index, sha256="0" * 64)
    with pytest.raises(Damaged) as error:
        fetch(other, tmp_path / "downloads")
    assert package(index).sha256 in str(error.value)
    assert "0" * 64 in str(error.value)
    assert list((tmp_path / "downloads").iterdir()) == []


def test_a_kept_file_that_was_changed_is_refused(tmp_path, index):
    tiny = package(index)
    path = fetch(tiny, tmp_path / "downloads")
    path.write_bytes(path.read_bytes() + b" ")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    message = f"sha256 is {found}, must be {tiny.sha256}; delete it to download it again"
    with pytest.raises(Damaged, match=message):
        fetch(tiny, tmp_path / "downloads")


def test_a_package_that_cannot_be_had_says_what_to_do(tmp_path, index):
    (index / FILE).unlink()
    missing = Package(name="tiny-docs", version="2.0", file=FILE, sha256="0" * 64)
    with pytest.raises(BadInput) as error:
        fetch(missing, tmp_path / "downloads")
    assert "could not download tiny-docs==2.0: ERROR: No matching distribution" in str(error.value)
    assert f"put {FILE} into {tmp_path / 'downloads'}" in str(error.value)
