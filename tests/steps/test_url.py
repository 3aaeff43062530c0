"""`url`: domains and words of addresses, with the shipped lists and with others."""

import gzip

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.steps.url import Url, host, readable
from kormo_ds.steps.url_list import SHIPPED

BACCARAT = "바카라".encode("idna").decode()


def judged(*urls, **settings):
    batch = pa.RecordBatch.from_pydict({"url": pa.array(urls, pa.string())})
    return Url(**settings)(batch).to_pylist()


@pytest.mark.parametrize(
    ("url", "domain", "soft", "reason"),
    [
        (None, "", 0, "kept"),
        ("", "", 0, "kept"),
        ("https://ko.wikipedia.org/wiki/바다", "ko.wikipedia.org", 0, "kept"),
        ("https://www.pornhub.com/view", "pornhub.com", 0, "banned_domain"),
        ("http://kr.Pornhub.com:80", "kr.pornhub.com", 0, "banned_domain"),
        ("https://notpoker-stars.com", "notpoker-stars.com", 0, "kept"),
        ("https://a.kr/on-line.casi-no", "a.kr", 0, "strict_word"),
        ("https://a.kr/%ED%86%A0%ED%86%A0%EC%82%AC%EC%9D%B4%ED%8A%B8", "a.kr", 0, "strict_word"),
        (f"https://{BACCARAT}.com/", "바카라.com", 0, "hard_word"),
        ("https://a.kr/xxx/1", "a.kr", 0, "hard_word"),
        ("https://a.kr/xxxl-shirts", "a.kr", 0, "kept"),
        ("https://essex.ac.uk/sex-education", "essex.ac.uk", 1, "kept"),
        ("https://a.kr/sex_sex", "a.kr", 1, "kept"),
        ("https://a.kr/hot_teens?q=1", "a.kr", 2, "soft_words"),
        ("https://[::1]:80/a", "[::1]", 0, "kept"),
        ("http://[broken", "[broken", 0, "kept"),
        ("https://xn--0.com/%FF%", "xn--0.com", 0, "kept"),
        ("https://user:pw@a.kr./x", "a.kr", 0, "kept"),
    ],
)  # fmt: skip
def test_addresses(url, domain, soft, reason):
    (row,) = judged(url)
    assert row == {"url_domain": domain, "url_soft_words": soft, "url_reason": reason}


def test_own_lists(tmp_path):
    plain, packed = tmp_path / "domains", tmp_path / "domains.gz"
    plain.write_text("# of mine\nwww.Spam.kr\n\nother.com # too\n", encoding="utf-8")
    packed.write_bytes(gzip.compress(b"spam.kr\nother.com"))
    urls = ("https://a.spam.kr", "https://pornhub.com", "https://other.com/x")
    for path in (plain, packed):
        reasons = [row["url_reason"] for row in judged(*urls, domains=str(path), hard_words="none",
                                                       strict_words="none")]  # fmt: skip
        assert reasons == ["banned_domain", "kept", "banned_domain"]
    assert Url(domains=str(plain)).fingerprint == Url(domains=str(packed)).fingerprint
    assert Url(domains=str(plain)).fingerprint != Url().fingerprint
    before = Url(domains=str(plain)).fingerprint
    plain.write_text("spam.kr", encoding="utf-8")
    assert Url(domains=str(plain)).fingerprint != before


def test_a_number_of_soft_words():
    (row,) = judged("https://a.kr/hot_teens", min_soft_words=3)
    assert (row["url_soft_words"], row["url_reason"]) == (2, "kept")


def test_lists_that_cannot_be_used(tmp_path):
    empty, broken = tmp_path / "empty", tmp_path / "cut.gz"
    empty.write_text("# nothing\n")
    broken.write_bytes(gzip.compress(b"a.com\n" * 1000)[:-9])
    lk = lake.create(tmp_path / "lake")
    for path, message in (
        ("/none", "no list at /none; url.domains is the path of a text file"),
        (str(empty), "holds no entry; write url.domains=none for none"),
        (str(broken), "cut.gz cannot be read: Compressed file ended"),
    ):
        with pytest.raises(BadInput, match=message):
            Url(domains=path).at(lk)
    (tmp_path / "latin").write_bytes("caf\xe9".encode("latin-1"))
    with pytest.raises(BadInput, match="latin cannot be read: 'utf-8' codec"):
        Url(soft_words=str(tmp_path / "latin")).at(lk)
    with pytest.raises(BadConfig, match="url.min_soft_words=0 would reject every address"):
        Url(min_soft_words=0)


def test_shipped_lists_say_where_they_are_from():
    lists = sorted(SHIPPED.glob("*.txt"))
    assert [path.stem for path in lists] == ["domains", "hard_words", "soft_words", "strict_words"]
    for path in lists:
        first, *rest = path.read_text(encoding="utf-8").splitlines()
        assert first.startswith("#") and first.endswith("Apache-2.0.")
        entries = [line for line in rest if not line.startswith("#")]
        assert len(entries) == len(set(entries)) and all(e == e.strip().lower() for e in entries)


def test_hosts():
    assert host(readable("HTTPS://WWW.Example.COM/")) == "example.com"
    assert host("//cdn.a.kr/x") == "cdn.a.kr"
    assert host("mailto:me@a.kr") == "a.kr"
