"""Numbers by value, in both languages."""

import pytest

from kormo_ds.text.kept.numbers import matched, numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234 1234 12,34 1,2,3", ["1234", "1234", "12", "34", "1", "2", "3"]),
        ("3.14 3.10 1.2.3", ["3.14", "3.10", "1.2.3"]),
        ("２０２０년 3월", ["2020", "3"]),
        ("1.5 million, 30 thousand, 2-billion", ["1500000", "30000", "2000000000"]),
        ("1억 2,000만 원, 5백만 달러, 3천 명", ["120000000", "5000000", "3000"]),
        ("1만 2,345.5천, 2.5조 원", ["2355500", "2500000000000"]),
        ("제3조 제2항 3만큼 2천국", ["3", "2", "3", "2"]),
        ("utf8 x86 v1.2 C++17 &#39; 3D", ["17", "3"]),
        ("A.5 5. 끝 7.", ["5", "7"]),
        ("", []),
    ],
)  # fmt: skip
def test_by_value(text, expected):
    assert [readings[0] for readings in numbers(text)] == expected


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("30,000 people", "3만 명"),
        ("only 3 use it", "3만 사용한다"),
        ("25K of code", "25,000바이트의 코드"),
        ("1.2 million won", "120만 원"),
        ("March 1, 2020", "2020년 3월 1일"),
        ("the second of three", "3개 중 2번째"),
        ("three steps, twice", "3단계, 2번"),
        ("a nonzero value", "0이 아닌 값"),
        ("two ways", "방법들"),
    ],
)
def test_the_same_numbers(source, translation):
    same, ours, theirs = matched(source, translation)
    assert same == ours == theirs
    back, ours, theirs = matched(translation, source)
    assert back == ours == theirs


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("in 1995", "1996년에", (0, 1, 1)),
        ("3만 명", "30,001 people", (0, 1, 1)),
        ("5 and 5", "5", (1, 2, 1)),
        ("two or 2", "2와 2와 2", (1, 1, 2)),
        ("2 ways", "두 가지 방법", (0, 1, 0)),
        ("both in 1995", "1996년에 두 사람", (0, 1, 1)),
        ("version 3.10", "3.1 버전", (0, 1, 1)),
    ],
)
def test_other_numbers(source, translation, expected):
    assert matched(source, translation) == expected
