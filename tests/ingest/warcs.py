"""WARC archives by hand: the bytes of a record, and three pages with all that is not content."""

import gzip

import zstandard

KO = """<!DOCTYPE html>
<html lang="ko-KR"><head><title>갯벌의  하루</title>
<script>var 광고 = "보이지 않는다";</script><style>p { color: red }</style></head><body>
<header><nav><ul><li><a href="/">홈</a></li><li><a href="/m">메뉴</a></li></ul></nav></header>
<main><article><h1>갯벌의 하루</h1>
<p>물이 빠지면 갯벌에는 작은 구멍이 수없이 나타난다. 게들은 그 구멍을 집으로 삼고 살아간다.</p>
<p>사람들은 바구니를 들고 나가 조개를 캔다. 밀물이 들어오기 전에 돌아와야 한다.</p>
<pre>조개   3
낙지   1</pre></article></main>
<footer><p>저작권 2024 바다 신문. 모든 권리를 보유합니다.</p></footer></body></html>"""
KO_TEXT = """갯벌의 하루

물이 빠지면 갯벌에는 작은 구멍이 수없이 나타난다. 게들은 그 구멍을 집으로 삼고 살아간다.

사람들은 바구니를 들고 나가 조개를 캔다. 밀물이 들어오기 전에 돌아와야 한다.

조개   3
낙지   1"""
EN = """<html lang="en"><head><title>Tides</title></head><body>
<nav><a href="/">Home</a> <a href="/about">About us</a></nav>
<main><h1>Tides</h1><p>Twice a day the sea leaves the flats, and the crabs come out to work.</p>
</main><footer>Privacy policy and terms of use</footer><script>track()</script></body></html>"""
EN_TEXT = "Tides\n\nTwice a day the sea leaves the flats, and the crabs come out to work."
OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8"


def record(number, block=b"", kind="response", **headers):
    """A record; `headers` replace those that it would have, None leaves one out."""
    media = "application/http; msgtype=response" if kind == "response" else "text/plain"
    lines = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{number}>",
        "WARC-Date": "2024-05-01T00:00:00Z",
        "WARC-Target-URI": f"https://example.kr/{number}",
        "Content-Type": media,
        "Content-Length": len(block),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def answer(number, page, head=OK, **headers):
    """A response record; the page as text is UTF-8."""
    body = page.encode() if isinstance(page, str) else page
    return record(number, head.encode() + b"\r\n\r\n" + body, **headers)


def small(number):
    """A response whose text is known: `text_of(number)`."""
    return answer(number, f"<html><body><main><p>{text_of(number)}</p></main></body></html>")


def text_of(number):
    return f"문서 {number}번: the quick brown fox jumps over the lazy dog."


def packed(suffix, records):
    """An archive of the suffix's compression, record by record."""
    if suffix.endswith(".gz"):
        return b"".join(gzip.compress(one, mtime=0) for one in records)
    if suffix.endswith(".zst"):
        return b"".join(zstandard.compress(one) for one in records)
    return b"".join(records)
