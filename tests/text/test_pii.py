"""Personal data is found where it is, and what looks like it is left alone.

Each text holds what stands behind it and nothing else; all was made up for this file.
"""

import random
import re

import pyarrow as pa
import pytest

from kormo_ds.errors import BadInput
from kormo_ds.text import pii
from kormo_ds.text.pii import candidates, checks
from kormo_ds.text.pii.found import KINDS, Found, apart
from lake.spans import MASKED

PLANTED = {
    # e-mail
    "문의는 hong.gildong@naver.com으로 주세요": [("hong.gildong@naver.com", "EMAIL")],
    "이메일kim_99@hanmail.net입니다": [("kim_99@hanmail.net", "EMAIL")],
    "Write to <mary+news@cs.some-school.ac.kr>.": [("mary+news@cs.some-school.ac.kr", "EMAIL")],
    "mailto:a.b@mail.co.uk, c@d.io": [("a.b@mail.co.uk", "EMAIL"), ("c@d.io", "EMAIL")],
    "It is joe@firm.com.Then he left": [("joe@firm.com", "EMAIL")],
    "ｊｏｅ＠ｆｉｒｍ．ｃｏｍ": [("ｊｏｅ＠ｆｉｒｍ．ｃｏｍ", "EMAIL")],
    "드립니다.joe@firm.com[답변]": [("joe@firm.com", "EMAIL")],
    "담당: 홍길동(gildong@corp.kr)": [("gildong@corp.kr", "EMAIL")],
    # phone
    "전화010-2345-6789로 주세요": [("010-2345-6789", "PHONE")],
    "연락처 010 2345 6789 입니다": [("010 2345 6789", "PHONE")],
    "제 번호 010  2345  6789 에요": [("010  2345  6789", "PHONE")],
    "01023456789로 문자 주세요": [("01023456789", "PHONE")],
    "구 번호는 011-234-5678": [("011-234-5678", "PHONE")],
    "０１０－２３４５－６７８９": [("０１０－２３４５－６７８９", "PHONE")],
    "010–2345–6789, 010ㅡ2345ㅡ6780": [("010–2345–6789", "PHONE"), ("010ㅡ2345ㅡ6780", "PHONE")],
    "대표전화 02)345-6789": [("02)345-6789", "PHONE")],
    "(031) 234-5678 / 070-1234-5678": [("(031) 234-5678", "PHONE"), ("070-1234-5678", "PHONE")],
    "안심번호 0507-1234-5678": [("0507-1234-5678", "PHONE")],
    "+82 10-2345-6789 or +82-2-345-6789": [
        ("+82 10-2345-6789", "PHONE"),
        ("+82-2-345-6789", "PHONE"),
    ],
    "82-10-2345-6789": [("82-10-2345-6789", "PHONE")],
    "Call (415) 234-5678.": [("(415) 234-5678", "PHONE")],
    "415-234-5678; 1-800-234-5678": [("415-234-5678", "PHONE"), ("1-800-234-5678", "PHONE")],
    "fax 415.234.5678": [("415.234.5678", "PHONE")],
    "+44 20 7123 4567": [("+44 20 7123 4567", "PHONE")],
    "+33 (0)1 23 45 67 89": [("+33 (0)1 23 45 67 89", "PHONE")],
    "+14152345678": [("+14152345678", "PHONE")],
    # resident registration number
    "900101-1234568": [("900101-1234568", "RRN")],
    "주민번호는 900101 - 1234568이고": [("900101 - 1234568", "RRN")],
    "9001011234568": [("9001011234568", "RRN")],
    "주민등록번호: 900101-1234567": [("900101-1234567", "RRN")],  # a wrong check digit, but named
    "아기 201101-3123456": [("201101-3123456", "RRN")],  # a random tail: born since October 2020
    "외국인 900101-5234561": [("900101-5234561", "RRN")],
    # business registration number
    "사업자등록번호 220-81-62517": [("220-81-62517", "BRN")],
    "사업자번호 2208162517": [("2208162517", "BRN")],
    # cards
    "카드 4539 1488 0343 6467": [("4539 1488 0343 6467", "CARD")],
    "5425233430109903": [("5425233430109903", "CARD")],
    "3714-496353-98431": [("3714-496353-98431", "CARD")],
    # IP addresses
    "접속 IP는 211.234.56.78이다": [("211.234.56.78", "IP")],
    "from 93.184.216.34:8080 today": [("93.184.216.34", "IP")],
    "[2a02:42fe::4]:443": [("2a02:42fe::4", "IP")],
    "2001:658:22a:cafe:200:0:0:1.": [("2001:658:22a:cafe:200:0:0:1", "IP")],
    # several at once, in their order
    "홍길동 010-2345-6789 gd@naver.com 211.234.56.78": [
        ("010-2345-6789", "PHONE"),
        ("gd@naver.com", "EMAIL"),
        ("211.234.56.78", "IP"),
    ],
    "첫 줄 a@firm.com\n둘째 줄 010-2345-6789\n": [
        ("a@firm.com", "EMAIL"),
        ("010-2345-6789", "PHONE"),
    ],
}
LOOK_ALIKES = [
    "",
    "숫자가 없는 글",
    # '@' that is no e-mail address
    "git clone git@github.com:owner/name.git",
    "scp file deploy@host.com:/var/www",
    "postgres://user:secret@db.company.com:5432/name",
    "https://medium.com/@writer/story",
    "npm install react@18.2.0 @types/node",
    "@pytest.mark.parametrize",
    "image icon@2x.png",
    "y = x @ w.T + a@b.transpose",
    "alice@example.com, bob@mail.example.org",
    "local@localhost root@server",
    "abc***@naver.com",
    "@username 님",
    # addresses that are no person's
    "127.0.0.1 0.0.0.0 255.255.255.0 192.168.0.1 10.1.2.3 172.16.5.4 169.254.1.1",
    "192.0.2.30 198.51.100.7 203.0.113.9 224.0.0.251",
    "52.78.0.0/16 and 52.78.5.0/24",
    "version 61.2.3.4, v61.2.3.4, 버전 61.2.3.4",
    "opencv-python==4.1.2.30",
    "1.2.3.4 2.10.0.1 3.1.4.15 8.8.8.8",
    "14.0.23026.0 1.3.6.1.4.1.311 300.1.2.3 01.2.3.4",
    "§ 61.52.43.34",
    "std::vector<int> a::b 12:30:45 2023:04:05 10:20",
    "fe80::1 ::1 fd00::1 2001:db8::1 2001:658::/32",
    # numbers that are no phone's
    "2024-11-24, 2024.11.24, 1990-2000, 24/11/2024",
    "ISBN 978-89-6626-123-4, 978-3-16-148410-0, 9788966261234",
    "0.01012345678 3.141592653589793 1,234,567,890",
    "제010조 1234 5678",
    "a01012345678b 0x01012345678 id_01012345678",
    "https://shop.com/item/01012345678?x=1",
    "1588-1234 국번 없이",
    "계좌 110-234-567890",
    "555-0123, (415) 555-0123, 123-456-7890",
    "x = a +10011010010 + 6073641856.9",
    "01 02 03 04 05 06 07 08 09 10",
    "0 1 2 3 4 5 6 7 8 9 10 11 12",
    "법률 제12345호 제12조제3항제4호 2019. 12. 31.",
    # thirteen digits and more
    "1609459200000 1577836800000",
    "8801234567893",  # a barcode
    "900101-1234567",  # the check digit is wrong
    "901301-1234568 900132-1234568",  # no such day
    "900101-9234568 900101-0234568",
    "220-81-62518 123-45-67890",  # the check digit is wrong
    "2208162517",  # right, but nothing says what it is
    "4539 1488 0343 6468 5425233430109904",  # Luhn's check fails
    "1234567812345670",  # passes it, but no issuer has it
    "0000-0000-0000-0000",
    "d41d8cd98f00b204e9800998ecf8427e 4539148803436467ab",
    "3.4539148803436467",
]


def found(text):
    data = text.encode()
    (spans,) = pii.of(pa.array([text])).to_pylist()
    return [(data[s["start"] : s["end"]].decode(), s["kind"]) for s in spans]


@pytest.mark.parametrize(("text", "planted"), PLANTED.items(), ids=map(ascii, PLANTED))
def test_planted(text, planted):
    assert found(text) == planted


@pytest.mark.parametrize("text", LOOK_ALIKES, ids=ascii)
def test_look_alikes(text):
    assert found(text) == []


def test_recall_and_precision_of_all_planted():
    wanted = sum(map(len, PLANTED.values()))
    right = sum(len([f for f in found(text) if f in planted]) for text, planted in PLANTED.items())
    wrong = sum(len(found(text)) for text in LOOK_ALIKES)
    assert (wanted, right, wrong) == (51, 51, 0)
    assert {kind for planted in PLANTED.values() for _, kind in planted} == set(KINDS)


def test_where_it_stands_does_not_matter():
    """The same text deep in others, behind long lines, in every slice: the same spans, shifted."""
    draw = random.Random(3)
    filler = ["가나다라 마바사. ", "words and words, ", "12 34 ", "\n", "（전각） ", "- "]
    for text, planted in PLANTED.items():
        for _ in range(5):
            left = "".join(draw.choices(filler, k=draw.randint(0, 60))) + "\n"
            right = "\n" + "".join(draw.choices(filler, k=draw.randint(0, 60)))
            assert found(left + text + right) == planted, left


def test_null_chunked_sliced_and_large():
    texts = ["x", None, "", "가 a@firm.com", "02-345-6789"]
    spans = [
        [],
        [],
        [],
        [{"start": 4, "end": 14, "kind": "EMAIL"}],
        [{"start": 0, "end": 11, "kind": "PHONE"}],
    ]
    assert pii.of(pa.array(texts)).type == MASKED
    for column in (
        pa.array(texts),
        pa.array(texts, pa.large_string()),
        pa.array(["a@firm.com", *texts])[1:],
        pa.chunked_array([texts[:3], texts[3:]], pa.string()),
    ):
        assert pii.of(column).to_pylist() == spans
    assert pii.of(pa.array([], pa.string())).to_pylist() == []
    with pytest.raises(BadInput, match="int64 is not text"):
        pii.of(pa.array([1]))


def test_the_longer_stays_then_the_more_specific():
    rrn, phone, card = Found(3, 16, "RRN"), Found(0, 9, "PHONE"), Found(3, 16, "CARD")
    assert apart([phone, card, rrn]) == [rrn]
    assert apart([Found(20, 25, "IP"), phone]) == [phone, Found(20, 25, "IP")]


def test_every_number_of_random_text_lies_in_a_window():
    """The compiled scan leaves out nothing that a look at every line would find."""
    draw = random.Random(11)
    pieces = [*"0123456789-. ()+@:\n가a", "010", "２", "–", "2a02:", "1.2.3.4", "　"]
    texts = ["".join(draw.choices(pieces, k=draw.randint(0, 200))) for _ in range(300)]
    windows = candidates.windows(candidates.Texts(*_buffers(texts)))
    for number, text in enumerate(texts):
        spans = [(s, e) for t, s, e, _ in zip(*windows, strict=True) if t == number]
        start = sum(len(t.encode()) for t in texts[:number])
        for match in re.finditer(r"@|[0-9](?:[-. ]?[0-9]){8,}", text):
            first = start + len(text[: match.start()].encode())
            last = start + len(text[: match.end()].encode())
            assert any(s <= first and last <= e for s, e in spans), match
        for s, e in spans:
            assert "\n" not in text.encode()[s - start : e - start].decode()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "a@firm.com ",
        "가a@firm.com",
        "010-2345-6789 ",
        "9" * 100,
        "+1 (2) 3 ",
        "1.2.3.4.",
        "@",
        "a:",
    ],
    ids=ascii,
)
def test_a_long_line_takes_time_in_proportion(piece):
    text = piece * (1_000_000 // len(piece))
    (spans,) = pii.of(pa.array([text, "x"]))[:1].to_pylist()
    assert len(spans) == (text.count("a@") or text.count("010"))


def _buffers(texts):
    import numpy as np

    data = np.frombuffer("".join(texts).encode(), np.uint8)
    sizes = [len(text.encode()) for text in texts]
    return data, np.concatenate([[0], np.cumsum(sizes)]), np.ones(len(texts), bool)


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("9001011234568", "1990-01-01"),
        ("0002293234568", "2000-02-29"),
        ("0102291234568", None),  # 1901 had no 29 February
        ("3601013234568", None),  # 2036 is not yet
    ],
)
def test_birthdays(digits, day):
    assert checks.born(digits) == (day if day is None else checks.date.fromisoformat(day))
