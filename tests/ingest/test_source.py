"""Options: the same from words and YAML, and every mistake is one line that names the way out."""

import pytest

from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.ingest import Source, source
from kormo_ds.ingest.packages import Package

WORDS = {"lang": "ko", "source": "wiki", "origin": "crawled"}
PACKAGE = {"name": "a", "version": "5.20", "file": "a-5.20.zip", "sha256": "0" * 64}


def parsed(**words):
    return source.parse({"path": "x.jsonl"}, {**WORDS, **words})


def test_words_and_yaml_say_the_same(tmp_path):
    (tmp_path / "wiki.yaml").write_text(
        """
        path: x.jsonl
        lang: no
        source: wiki
        origin: crawled
        synthesizer: null
        columns: {text: body, meta: [a, b]}
        meta: {edition: 5.20}
        include: ["*.md", "*.rst"]
        chunk_rows: 1_000
        """
    )
    words = {
        "lang": "no",
        "columns.text": "body",
        "columns.meta": "a,b",
        "meta.edition": "5.20",
        "include": "*.md, *.rst",
        "chunk_rows": "1000",
    }
    described = source.read(tmp_path / "wiki.yaml")
    assert source.given(described) == {
        **source.given(parsed(**words)),
        "path": str(tmp_path / "x.jsonl"),
    }
    assert described.lang == "no"
    assert described.synthesizer == ""
    assert described.include == ("*.md", "*.rst")
    assert dict(described.columns) == {"text": "body", "meta": "a,b"}
    assert dict(described.meta) == {"edition": "5.20"}


def test_words_win_over_yaml(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "{path: a, lang: ko, source: a, origin: crawled, columns: {text: x, url: u}}"
    )
    words = {"lang": "en", "columns.text": "y", "path": "b"}
    found = source.read(tmp_path / "a.yaml", words)
    assert (found.lang, dict(found.columns)) == ("en", {"text": "y", "url": "u"})
    assert found.path == "b"


def test_a_package_of_four_values():
    found = source.parse({"package": PACKAGE}, WORDS)
    assert found.package == Package(**PACKAGE)
    assert source.given(found)["package"] == "a==5.20"


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"licence": "MIT"}, UnknownName, "did you mean 'license'?"),
        ({"colums.text": "a"}, UnknownName, "did you mean 'columns'?"),
        ({"columns.txt": "a"}, UnknownName, "did you mean 'columns.text'?"),
        ({"lang": ""}, BadConfig, "x.jsonl: lang not given; add lang=… or .* columns.lang=…"),
        ({"lang": "Korean"}, BadConfig, "lang 'Korean' is not a language code such as ko"),
        ({"origin": "crawl"}, UnknownName, "unknown origin 'crawl'; did you mean 'crawled'?"),
        ({"columns": "text"}, BadConfig, "columns=text: needs names, such as columns.NAME=VALUE"),
        ({"lang.ko": "a"}, BadConfig, "option lang: needs one value"),
        ({"max_chars": "1e6"}, BadConfig, "max_chars=1e6: needs a whole number"),
        ({"chunk_rows": "0"}, BadConfig, "chunk_rows=0 must be from 1 to 100000000"),
        ({"path": ""}, BadConfig, "give either path or package"),
        (
            {"package": "fastapi"},
            BadConfig,
            "name, version, file, sha256 not given",
        ),
        ({"package.sha": "1"}, UnknownName, "did you mean 'package.sha256'?"),
    ],
)
def test_a_bad_option_names_the_way_out(words, error, message):
    with pytest.raises(error, match=message):
        parsed(**words)


def test_all_that_is_missing_is_named_at_once():
    with pytest.raises(BadConfig, match="lang and source and origin not given"):
        Source(path="a.jsonl")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("a: [", BadInput, "a.yaml is not YAML"),
        ("- a", BadInput, "a.yaml must hold options as `name: value`"),
        ("path: a", BadConfig, "a.yaml: .*lang and source and origin not given"),
        ("sauce: a", UnknownName, "did you mean 'source'?"),
        ("{path: a, package: {name: a}}", BadConfig, "version, file, sha256 not given"),
    ],
)
def test_a_bad_yaml_file_is_named(tmp_path, text, error, message):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(error, match=message):
        source.read(tmp_path / "a.yaml")


def test_shipped_sources_say_where_they_come_from():
    from kormo_ds import project

    shipped = project.files("ds_configs/source", ".yaml")
    assert set(shipped) >= {"fastapi", "django", "portone", "hectofinancial"}
    for path in shipped.values():
        described = source.read(path)
        assert described.package
        assert described.package.version in described.package.file
        assert described.origin == "curated"
        assert described.license
        assert described.synthesizer == ""
