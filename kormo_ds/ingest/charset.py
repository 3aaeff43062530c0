"""Bytes of a web page as text: what it says of its charset, checked against its bytes.

Valid UTF-8 is UTF-8, whatever a header says. After that come the meta element, the HTTP header and,
where neither fits, a look for Korean in CP949 and then resiliparse's detector (uchardet), which
does not find Korean itself. A header that says Latin-1 counts last: it is the default of old
servers and fits any bytes. Labels mean what the
WHATWG Encoding Standard says, so `euc-kr` is CP949, with all 11,172 syllables. Cost: one decoding.
"""

import codecs
import re
from typing import NamedTuple

MOST_BAD = 0.05
"""Share of the characters outside ASCII that may be undecodable, as where a server cut a text."""
LATIN = "cp1252"
_MULTIBYTE = ("cp949", "cp932", "gb18030", "big5", "euc_jp", "utf-8")
_META = re.compile(rb"""<meta\b[^>]{0,512}?charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.I)
_FREQUENT = "이다는에의을하고가지로한기어사리서도은를"
_HANGUL, _COMMON = 0.6, 0.12
"""Least shares, among letters outside ASCII, of Hangul and of frequent syllables."""
_META_BYTES = 4096
"""Where a charset is looked for; the standard's 1,024 are too few for many Korean portals."""
_KOREAN = ("cp949", "ksc56011987", "ksc56011989", "ksc5601", "korean", "isoir149", "windows949")
_LABELS = dict.fromkeys((*_KOREAN, "euckr", "ms949", "xwindows949", "uhc"), "cp949") | {
    **dict.fromkeys(("ascii", "usascii", "iso88591", "latin1", "windows1252"), LATIN),
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "windows31j"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "xgbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("utf16", "unicode"), "utf-16-le"),
}


class Decoded(NamedTuple):
    """A page's text."""

    text: str
    charset: str
    """Python's name of the codec."""
    n_bad: int
    """Characters that could not be decoded and are U+FFFD now."""


def decode(data: bytes, stated: str | None = None) -> Decoded | None:
    """The text of `data`, without its byte order mark; None if no charset fits.

    Args:
        data: a page.
        stated: what the HTTP header says, if there is one.

    >>> decode('<meta charset="euc-kr"><p>똠방'.encode("cp949"))[1:]
    ('cp949', 0)
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le")):
        if data.startswith(mark):
            return _lenient(data.removeprefix(mark), name)
    if data.startswith(codecs.BOM_UTF16_BE):
        return _lenient(data.removeprefix(codecs.BOM_UTF16_BE), "utf-16-be")
    header, meta = codec(stated), _meta(data)
    names = _likeliest(header, meta)
    for name in names:
        try:
            return Decoded(data.decode(name), name, 0)
        except UnicodeDecodeError:
            continue
    for name in names:
        if (found := _lenient(data, name)) is not None:
            return found
    if meta == LATIN:
        return _lenient(data, LATIN)
    if (korean := _korean(data)) is not None:
        return korean
    from resiliparse.parse.encoding import detect_encoding

    detected = codec(detect_encoding(data))
    if header == LATIN and detected not in _MULTIBYTE:
        detected = LATIN
    return _lenient(data, detected) if detected else None


def codec(label: str | None) -> str | None:
    """Python's name of the codec that a label of the web means; None if it means none.

    >>> codec("KS_C_5601-1987"), codec("utf8"), codec("no such")
    ('cp949', 'utf-8', None)
    """
    if not label:
        return None
    label = label.strip(" \"'\t")
    plain = re.sub(r"[^a-z0-9]", "", label.lower())
    if plain in _LABELS:
        return _LABELS[plain]
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):  # ValueError: a NUL in it
        return None
    # codecs such as rot13 and base64 turn text into text, or bytes into bytes
    return found.name if getattr(found, "_is_text_encoding", True) else None


def _meta(data: bytes) -> str | None:
    """The charset that a meta element states."""
    match = _META.search(data, 0, _META_BYTES)
    name = codec(match[1].decode("ascii")) if match else None
    # it was read as ASCII, so UTF-16 cannot be true (HTML Standard, 13.2.3.2)
    return "utf-8" if name and name.startswith("utf-16") else name


def _likeliest(header: str | None, meta: str | None) -> list[str]:
    """The charsets to try, the likeliest first; those of 7 bits look like ASCII, so before it."""
    stated = [name for name in (meta, header) if name and name != LATIN]
    first = [name for name in stated if name.startswith(("iso2022", "hz", "utf-16", "utf-32"))]
    return list(dict.fromkeys([*first, "utf-8", *stated]))


def _korean(data: bytes) -> Decoded | None:
    """`data` as CP949, if it is Korean then: Hangul, and often the syllables that are frequent."""
    found = _lenient(data, "cp949")
    if found is None:
        return None
    letters = "".join(re.findall("[^\x00-\x7f]+", found.text))
    n_hangul = sum("가" <= letter <= "힣" for letter in letters)
    n_frequent = sum(map(letters.count, _FREQUENT))
    fits = n_hangul >= _HANGUL * len(letters) and n_frequent >= _COMMON * len(letters)
    return found if fits else None


def _lenient(data: bytes, name: str) -> Decoded | None:
    """`data` with U+FFFD for what is bad; None if that is more than `MOST_BAD`."""
    text = data.decode(name, "replace")
    n_bad = text.count("\ufffd")
    if n_bad and n_bad > MOST_BAD * sum(map(len, re.findall("[^\x00-\x7f]+", text))):
        return None
    return Decoded(text, name, n_bad)
