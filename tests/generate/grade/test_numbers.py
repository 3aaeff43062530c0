"""Numbers as they are written in Korean and English, and which count as equal."""

from fractions import Fraction

import pytest

from kormo_ds.generate.grade import numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18", 18),
        ("18.", 18),
        ("-5", -5),
        ("−5", -5),
        ("1,234,567.5", Fraction(2469135, 2)),
        ("$18", 18),
        ("-$18", -18),
        (r"\$18", 18),
        ("₩1,250", 1250),
        ("18원입니다", 18),
        ("18 dollars a day", 18),
        ("about 26 eggs per 2 days", 26),
        ("3/4", Fraction(3, 4)),
        (r"\frac{3}{4}", Fraction(3, 4)),
        (r"\dfrac34", Fraction(3, 4)),
        (r"-\frac{1}{2}", Fraction(-1, 2)),
        ("2 1/2", Fraction(5, 2)),
        (r"2\frac{1}{2}", Fraction(5, 2)),
        ("2½", Fraction(5, 2)),
        ("3분의 1", Fraction(1, 3)),
        ("2와 3분의 1", Fraction(7, 3)),
        ("25%", 25),
        (r"25\%", 25),
        ("3만 5천원", 35_000),
        ("1억 2천만 원", 120_000_000),
        ("2천5백만", 25_000_000),
        ("3조각", 3),
        ("12조원", 12 * 10**12),
        ("-1.8 billion", -1_800_000_000),
        ("2 dozen", 24),
        ("1.5e3", 1500),
        ("x = 3", 3),
        ("5 * 4 = 20", 20),
        ("2시간 30분", Fraction(5, 2)),
        ("5 feet 6 inches", Fraction(11, 2)),
        ("18 cm²", 18),
        ("１８", 18),
    ],
)
def test_is_read_exactly(text, value):
    assert numbers.read(text).value == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "eighteen", "3, 4", "3 and 4", "3 또는 4", "2x", "2x + 1", "10+John's age", "5 * 4"),
        *("10²", "x^2", "2π", r"2\pi", r"\sqrt{2}", "3:30", "5/0", "CO2", "12,34", "3/4/2020"),
    ],
)
def test_is_no_one_number(text):
    assert numbers.read(text) is None


@pytest.mark.parametrize(
    ("reference", "answer", "equal"),
    [
        ("18", "18.0", True),
        ("18", "17.6", False),
        ("7.5", "7.50", True),
        ("0.21", "0.208", True),
        ("0.21", "0.2", False),
        ("0.2", "0.208", False),
        ("0.33", "1/3", True),
        ("1/3", "0.333", True),
        ("1/3", "0.33", False),
        ("3/4", "0.75", True),
        ("25", "25%", True),
        ("25%", "0.25", True),
        ("25", "0.25", False),
        ("90 minutes", "1.5 hours", True),
        ("90분", "1시간 30분", True),
        ("3 km", "3 m", False),
        ("3 km", "3", True),
        ("3 km", "3 kg", None),
        ("18 apples", "18 pears", True),
        ("18 cm²", "18 m²", True),  # areas are no units here
        ("$3", "300 cents", True),
    ],
)
def test_equality(reference, answer, equal):
    assert numbers.equal(numbers.read(reference), numbers.read(answer)) is equal


def test_the_last_number_is_found_in_prose():
    text = "Janet has 16 - 3 = <<16-3=13>>13 eggs at 9:30 and sells them for $1,026.50."
    assert numbers.last(text).value == numbers.found(text)[-1].value == Fraction(2053, 2)
    assert numbers.last("none, 5/0") is None
