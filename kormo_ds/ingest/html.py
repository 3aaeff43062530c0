"""Web pages: the main content of an HTML file as text, without navigation, footers and scripts.

resiliparse (Bevendorff et al. 2018) parses the page and removes what is not its main content by
rules that know no language; KORMo extracted Common Crawl anew with it. Line breaks, lists and
preformatted text are kept, for later steps judge lines. Cost: about 20 MB of HTML a second.
"""

import re
from collections.abc import Iterator
from typing import Any

from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.ingest import text as texts
from kormo_ds.ingest.charset import decode
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row

SUFFIXES = (".html", ".htm", ".xhtml")
MOST_DEEP = 1_000
"""`div` and `article` inside each other, at most: extraction takes time by the square of their
depth (and of no other element's); 4,000 take a second. Browsers stop at 512."""
_MANY_TAGS = 20_000
_NESTING = re.compile(r"<(/?)(?:div|article)\b", re.I)
_LANG = re.compile(r"[a-z]{2,3}(?=$|[-_])")


def read(file: File, reading: Reading) -> Iterator[Row | Reject]:
    """The page of a file, or why there is none."""
    path = str(file.path)
    if file.size > reading.max_page_bytes:
        yield texts.oversized(path, file.name, file.size, reading)
    else:
        yield page(path, file.name, 0, file.path.read_bytes(), None, {})
    reading.advance(file.size)


def page(
    file: str, name: str, line: int, data: bytes, stated: str | None, facts: dict[str, Any]
) -> Row | Reject:
    """A page as a row: its main text, and facts of it for other columns.

    Args:
        file: where it is, for a reject.
        name: the same inside the source.
        line: number of the record in an archive; 0 for a file.
        data: the page.
        stated: the charset that an HTTP header states.
        facts: what else is known of it; `title`, `html_lang`, `lang`, `charset` are added.
    """
    decoded = decode(data, stated)
    if decoded is None:
        detail = f"no charset fits; header: {stated or 'none'}; it begins {data[:40]!r}"
        return Reject(file, name, line, "no_charset", excerpt(detail))
    if (deep := depth(decoded.text)) > MOST_DEEP:
        detail = f"elements inside each other {deep:,} deep; {MOST_DEEP:,} are read"
        return Reject(file, name, line, "too_deep", detail)
    found, title, html_lang = extract(decoded.text)
    values = {"text": found, **facts, "title": title, "html_lang": html_lang}
    values["lang"] = language(html_lang) or language(facts.get("content_language"))
    values["charset"] = decoded.charset
    if decoded.n_bad:
        values["n_undecodable"] = decoded.n_bad
    kept = {key: value for key, value in values.items() if value is not None}
    return Row(file, name, line, kept, page=True)


def extract(html: str) -> tuple[str, str | None, str | None]:
    """Main text, title and `lang` attribute of a page; the latter None where it has none."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    title = " ".join((tree.title or "").split())
    root = tree.document.query_selector("html") if tree.document else None
    lang = root.getattr("lang") if root is not None else None
    text = extract_plain_text(tree, main_content=True, preserve_formatting=True, alt_texts=False)
    return text, title or None, (lang or "").strip() or None


def depth(html: str) -> int:
    """How deep `div` and `article` are nested; 0 where a look shows that it cannot be much."""
    n_tags = html.count("<")
    if n_tags <= MOST_DEEP:
        return 0
    few = html.count("<div") + html.count("<article") <= MOST_DEEP
    if few and n_tags <= _MANY_TAGS:  # else they may be spelt otherwise
        return 0
    now = deepest = 0
    for match in _NESTING.finditer(html):
        now = max(0, now - 1) if match[1] else now + 1
        deepest = max(deepest, now)
    return deepest


def language(tag: str | None) -> str | None:
    """The language of a tag as it stands in pages and headers, without region or script.

    >>> language("ko-KR"), language("EN_us"), language("korean"), language("ko, en")
    ('ko', 'en', None, None)
    """
    match = _LANG.match((tag or "").strip().lower())
    return match[0] if match and "," not in (tag or "") else None
