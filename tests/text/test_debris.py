"""Debris of decoding and extraction, counted in characters."""

import pyarrow as pa
import pytest

from kormo_ds.text import debris


def counted(text, **settings):
    row = debris.count(pa.array([text]), **settings)[:, 0].tolist()
    return {kind: n for kind, n in zip(debris.KINDS, row, strict=True) if n and kind != "chars"}


def read_wrongly(text, was="utf-8", read_as="cp1252"):
    """The text as a program shows it that takes its bytes for another encoding's."""
    return "".join(bytes([b]).decode(read_as, errors="replace") for b in text.encode(was))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("깨진 \ufffd\ufffd 글자", {"replacement": 2}),
        ("占쏙옙占쏙옙", {"replacement": 4}),
        ("한자 占 하나와 옙", {}),
        ("\ue000\uf8ff", {"replacement": 2}),
        ("\uf0b7 목록", {}),
        (read_wrongly("’"), {"mojibake": 3}),
        (f"caf{read_wrongly('é')}", {"mojibake": 2}),
        (read_wrongly("한글", read_as="latin-1"), {"mojibake": 6}),
        (read_wrongly("한국 사람", was="euc-kr", read_as="latin-1"), {"mojibake": 8}),
        (read_wrongly("д", read_as="latin-1"), {"mojibake": 2}),
        ("“따옴표…”—— ‘café’ «Noël» señor, Ü», 50°C ±3€", {}),
        ("ㅋㅋㅋㅋ 재밌다ㅠㅠ ㅎㅎ", {"lone_jamo": 8, "repeated": 0}),
        ("ㅋㅠㅋㅠ ㅇㅡㅇ ㅇㅅㅇ", {"lone_jamo": 10}),
        ("ㄱ. 가 ㄴ. 나 1ㆍ2", {"lone_jamo": 2}),
        ("ㅎㅏㄴㄱㅡㄹ", {"broken_jamo": 6, "lone_jamo": 6}),
        ("ㅇㅣ", {"lone_jamo": 2}),
        ("\u1112\u1161\u11ab", {"broken_jamo": 3}),
        ("\u1100 \u1103 그렇지ᆢᆢ", {}),
        ("가&nbsp;나 &#8217; &amp", {"entity": 13}),
        ("R&D; a & b; &;", {}),
        ("=====", {"repeated": 5}),
        ("=== 와우!!!!", {"repeated": 4}),
        ("", {}),
    ],
    ids=ascii,
)
def test_kinds(text, expected):
    assert counted(text) == {kind: n for kind, n in expected.items() if n}


@pytest.mark.parametrize(
    ("text", "unspaced"),
    [
        ("가" * 11, 11),
        ("가" * 10, 0),
        ("가" * 10 + " " + "나" * 10, 0),
        ("https://a.kr/" + "b" * 20, 0),
        ("(" + "a" * 5 + "://" + "b" * 20, 0),
        ("a//b" + "c" * 20, 24),
        ("漢" * 20, 0),
        ("가" * 8 + "漢" + "가" * 8, 0),
    ],
)
def test_long_runs(text, unspaced):
    assert counted(text, long_run=10).get("unspaced", 0) == unspaced


def test_base64():
    letters = "iVBORw0KGgoAAAANSUhEUgAAAAUA5" * 3
    assert counted(letters[:60]) == {"base64": 60}
    assert counted(letters[:59]) == {}
    assert counted(f"data:image/png;base64,{letters[:60]}==")["base64"] == 62
    assert counted("a" * 80) == {}
    assert counted("가 " + "Ab1+" * 14 + "Ab 가") == {}


def test_texts_do_not_flow_into_each_other():
    texts = pa.array(["x", "가\ufffd!!", None, "!!", "&nbsp;"]).slice(1)
    found = debris.count(texts)
    assert found[debris.KINDS.index("chars")].tolist() == [4, 0, 2, 6]
    assert found[debris.KINDS.index("replacement")].tolist() == [1, 0, 0, 0]
    assert found[debris.KINDS.index("repeated")].tolist() == [0, 0, 0, 0]
    assert found[debris.KINDS.index("entity")].tolist() == [0, 0, 0, 6]
