"""WARC and HTML: each tiny archive gives exactly these texts, columns and reasons."""

import gzip
import json

import brotli
import pytest

import lake
from kormo_ds.errors import BadInput
from kormo_ds.ingest import Source, ingest
from tests.ingest.warcs import (
    EN,
    EN_TEXT,
    KO,
    KO_TEXT,
    OK,
    answer,
    packed,
    record,
    small,
    text_of,
)

HTML = "HTTP/1.1 200 OK\r\nContent-Type: text/html"
CP949 = KO.replace("갯벌의 하루</h1>", "갯벌의 하루, 펲과 똠</h1>")  # syllables outside EUC-KR
CP949_TEXT = KO_TEXT.replace("갯벌의 하루", "갯벌의 하루, 펲과 똠", 1)


def chunked(data):
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


ANSWERS = [
    (answer(1, KO), KO_TEXT),
    (answer(2, EN), EN_TEXT),
    (answer(3, CP949.encode("cp949"), HTML + "; charset=EUC-KR"), CP949_TEXT),
    (answer(4, ('<meta charset="euc-kr">' + CP949).encode("cp949"), HTML), CP949_TEXT),
    (answer(5, CP949.encode("cp949"), HTML), CP949_TEXT),  # detected
    (answer(6, KO, HTML + "; charset=ISO-8859-1"), KO_TEXT),  # the header is not true
    (answer(7, gzip.compress(KO.encode()), OK + "\r\nContent-Encoding: gzip"), KO_TEXT),
    (answer(8, brotli.compress(KO.encode()), OK + "\r\nContent-Encoding: br"), KO_TEXT),
    (answer(9, chunked(KO.encode()), OK + "\r\nTransfer-Encoding: chunked"), KO_TEXT),
    (answer(10, KO, OK + "\r\nContent-Encoding: gzip"), KO_TEXT),  # was undone already
    (answer(11, KO, "HTTP/2 200\r\nContent-Type: application/xhtml+xml"), KO_TEXT),
    (answer(12, KO, "HTTP/1.1 200 OK"), KO_TEXT),  # markup without a type
    (record(13, KO.encode(), "resource", Content_Type="text/html"), KO_TEXT),
    (answer(14, KO, "HTTP/1.1 404 Not Found\r\nContent-Type: text/html"), "http_status"),
    (answer(15, b"", "HTTP/1.1 301 Moved Permanently\r\nLocation: /a"), "http_status"),
    (answer(16, b"\x89PNG\r\n\x1a\n", "HTTP/1.1 200 OK\r\nContent-Type: image/png"), "not_html"),
    (answer(17, '{"a": 1}', "HTTP/1.1 200 OK"), "not_html"),
    (record(18, b"1.2.3.4", "response", Content_Type="text/dns"), "not_html"),
    (answer(19, "<nav><a href='/'>홈</a></nav><script>x()</script>"), "empty_text"),
    (answer(20, ""), "empty_text"),
    (answer(21, b"<p>" + bytes(range(128, 256)) * 9, HTML + "; charset=utf-8"), "no_charset"),
    (answer(22, "<div>" * 2001), "too_deep"),
    (answer(23, b"\x1f\x8b\x08 no gzip", OK + "\r\nContent-Encoding: gzip"), "broken_record"),
    (record(24, b"\x00\x01\x02"), "broken_record"),  # no HTTP
    (answer(25, "<p>" + "가" * 201), "too_long"),
]
OTHERS = [
    record(0, b"software: by hand\r\n", "warcinfo"),
    record("q", b"GET / HTTP/1.1\r\n\r\n", "request"),
    record("q2", b"GET / HTTP/1.1\r\n\r\n", "request"),
    record("m", b"fetchTimeMs: 5\r\n", "metadata"),
]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "A.WARC.ZST"])
def test_records_become_texts_or_reasons(tmp_path, outcome, name):
    records = [OTHERS[0], *(one for one, _ in ANSWERS), *OTHERS[1:]]
    (tmp_path / name).write_bytes(packed(name.lower(), records))
    found = outcome(tmp_path / name, max_chars=200)
    expected = [(name, number, text) for number, (_, text) in enumerate(ANSWERS, 2)]
    assert found == expected


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_archive_packed_as_one_member_reads_as_well(tmp_path, outcome, pack):
    name = "a.warc" if pack is bytes else "a.warc.gz"
    (tmp_path / name).write_bytes(pack(b"".join([small(1), OTHERS[1], small(2)])))
    assert outcome(tmp_path / name) == [(name, 1, text_of(1)), (name, 3, text_of(2))]


def test_a_member_may_end_inside_a_record(tmp_path, outcome):
    """As block-wise gzip does, which knows nothing of records."""
    data = b"".join(map(small, range(40)))
    blocks = [gzip.compress(data[at : at + 1000]) for at in range(0, len(data), 1000)]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(blocks))
    assert [text for _, _, text in outcome(tmp_path / "a.warc.gz")] == [*map(text_of, range(40))]


def test_zstandard_with_a_dictionary_of_its_own(tmp_path, outcome):
    import zstandard

    words = zstandard.train_dictionary(2000, [small(i) for i in range(300)])
    compressor = zstandard.ZstdCompressor(dict_data=words)
    frames = b"".join(compressor.compress(small(i)) for i in range(3))
    for held in (words.as_bytes(), zstandard.compress(words.as_bytes())):
        head = b"\x5d\x2a\x4d\x18" + len(held).to_bytes(4, "little")
        (tmp_path / "a.warc.zst").write_bytes(head + held + frames)
        assert [text for *_, text in outcome(tmp_path / "a.warc.zst")] == [*map(text_of, range(3))]


def ingested(tmp_path, path, **options):
    lk = lake.create(tmp_path / "lake")
    constants = {"lang": "ko", "source": "cc", "origin": "crawled"}
    done = ingest(lk, [Source(path=str(path), **{**constants, **options})])
    assert done.n_read == done.n_added + done.n_present + done.n_rejected
    return lk, done


def test_what_a_page_says_of_itself_becomes_columns(tmp_path):
    head = OK + "\r\nLast-Modified: Wed, 01 May 2024 00:00:00 GMT"
    page = answer(1, KO, head, WARC_Truncated="length")
    (tmp_path / "a.warc.gz").write_bytes(packed(".gz", [*OTHERS, page]))
    lk, done = ingested(tmp_path, tmp_path / "a.warc.gz", meta={"crawl": "may"})
    assert done.skipped == {"warcinfo": 1, "request": 2, "metadata": 1}
    assert (done.n_read, done.n_left_out) == (1, 0)
    (row,) = lk.dataset("documents").to_table().to_pylist()
    shown = {name: row[name] for name in ("source_id", "url", "lang", "origin", "text")}
    assert shown == {
        "source_id": "urn:uuid:1",
        "url": "https://example.kr/1",
        "lang": "ko",
        "origin": "crawled",
        "text": KO_TEXT,
    }
    assert json.loads(row["meta"]) == {
        "crawl": "may",
        "date": "2024-05-01T00:00:00Z",
        "truncated": "length",
        "content_type": "text/html; charset=utf-8",
        "last_modified": "Wed, 01 May 2024 00:00:00 GMT",
        "title": "갯벌의 하루",
        "html_lang": "ko-KR",
        "lang": "ko",
        "charset": "utf-8",
    }


def test_the_language_is_what_is_said_unless_it_is_asked_of_the_page(tmp_path):
    pages = [KO, EN, EN.replace(' lang="en"', "")]
    records = [answer(number, page) for number, page in enumerate(pages)]
    records.append(answer(3, pages[2], OK + "\r\nContent-Language: fr-CA"))
    (tmp_path / "a.warc").write_bytes(packed("", records))
    lk, done = ingested(tmp_path, tmp_path / "a.warc", lang="", columns={"lang": "lang"})
    assert dict(done.by_lang) == {"ko": 1, "en": 1, "fr": 1}
    assert dict(done.rejected) == {"no_provenance": 1}
    _, done = ingested(tmp_path, tmp_path / "a.warc", source="b", lang="ko")
    assert dict(done.by_lang) == {"ko": 4}


def test_columns_name_other_values_of_a_page_and_meta_some(tmp_path):
    (tmp_path / "a.warc").write_bytes(answer(1, KO))
    columns = {"source_id": "url", "kind": "html_lang", "meta": "title,date", "text": "body"}
    lk, _ = ingested(tmp_path, tmp_path / "a.warc", columns=columns)
    (row,) = lk.dataset("documents").to_table().to_pylist()
    assert (row["source_id"], row["kind"]) == ("https://example.kr/1", "ko-KR")
    assert json.loads(row["meta"]) == {"title": "갯벌의 하루", "date": "2024-05-01T00:00:00Z"}


def test_html_files_of_a_folder(tmp_path):
    (tmp_path / "site/ko").mkdir(parents=True)
    (tmp_path / "site/ko/a.html").write_bytes(CP949.encode("cp949"))
    (tmp_path / "site/b.HTM").write_text(EN)
    (tmp_path / "site/c.html").write_text("<nav>Home</nav>")
    (tmp_path / "site/style.css").write_text("p {}")
    lk, done = ingested(tmp_path, tmp_path / "site", lang_by_path={"ko/*": "ko", "*": "en"})
    rows = lk.dataset("documents").to_table().to_pylist()
    assert [(row["source_id"], row["lang"], row["url"], row["text"]) for row in rows] == [
        ("b.HTM", "en", None, EN_TEXT),
        ("ko/a.html", "ko", None, CP949_TEXT),
    ]
    assert json.loads(rows[0]["meta"])["title"] == "Tides"
    assert (dict(done.rejected), done.n_left_out) == ({"empty_text": 1}, 1)


def test_an_archive_without_a_page_is_said(tmp_path):
    (tmp_path / "a.warc").write_bytes(b"".join(OTHERS))
    with pytest.raises(BadInput, match="it holds no pages, only 1 warcinfo, 2 request, 1 metadata"):
        ingested(tmp_path, tmp_path / "a.warc")
