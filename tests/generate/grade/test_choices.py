"""Multiple choice in the phrasings of Korean and English models."""

import pytest

from kormo_ds.generate.grade import choices

PLACES = ("a marsh", "a tundra", "the plains", "a desert")
KOREAN = ("수도용지", "기타도로", "철도용지", "하천")
NUMBERS = ("3", "4", "6", "7")


@pytest.mark.parametrize(
    ("text", "given", "taken"),
    [
        ("The answer is (C)", PLACES, "C"),
        ("Answer: c) the plains", PLACES, "C"),
        ("**Answer: C**", PLACES, "C"),
        (r"\boxed{C}", PLACES, "C"),
        (r"\boxed{\text{C}}", PLACES, "C"),
        ("The correct answer is the plains.", PLACES, "C"),
        ("The answer is A marsh", PLACES, "A"),
        ("The answer is C, not B.", PLACES, "C"),
        ("The answer is not A but C.", PLACES, "C"),
        ("The answer is a place: (D).", PLACES, "D"),
        ("C", PLACES, "C"),
        ("c.", PLACES, "C"),
        ("(A) is dry, (B) is cold.\n(C)", PLACES, "C"),
        ("Fog forms over wet land, so it will be around a marsh.", PLACES, "A"),
        ("The answer is B. I hope this answer is of use.", PLACES, "B"),
        ("<think>The answer is A</think>The answer is B", PLACES, "B"),
        ("A: a marsh\nB: a tundra\n\nAnswer: D", PLACES, "D"),
        ("정답은 ③", KOREAN, "C"),
        ("정답은 ③번입니다.", KOREAN, "C"),
        ("정답: 3번", KOREAN, "C"),
        ("정답: 3", KOREAN, "C"),
        ("답: B", KOREAN, "B"),
        ("답은 다.", KOREAN, "C"),
        ("정답은 (나)입니다", KOREAN, "B"),
        ("정답은 철도용지입니다.", KOREAN, "C"),
        ("정답은 (A)가 아니라 (C)입니다.", KOREAN, "C"),
        ("붉은색 2선은 철도용지를 나타냅니다.", KOREAN, "C"),
        ("③ 철도용지", KOREAN, "C"),
        ("정답: 6", NUMBERS, "C"),
        ("정답: C", NUMBERS, "C"),
        ("정답은 '90dB(A)를 넘지 않는 소음'입니다.", ("정적", "90dB(A)를 넘지 않는 소음"), "B"),
        ("The answer is I think none but B", tuple("qrstuvwxyz"), "B"),
        ("The answer is J.", tuple("qrstuvwxyz"), "J"),
        ("정답: +4.0″", ("+3.6″", "+4.0″", "+1″"), "B"),
    ],
)
def test_the_choice_taken(text, given, taken):
    verdict = choices.grade(text, taken, given)
    assert verdict.correct is True and verdict.extracted == taken
    wrong = "A" if taken != "A" else "B"
    assert choices.grade(text, wrong, given)[:2] == (False, taken)


@pytest.mark.parametrize(
    ("text", "given", "reason"),
    [
        ("", PLACES, "no_answer"),
        ("I cannot say.", PLACES, "no_answer"),
        ("Vitamin C is good for you, says Doctor B.", PLACES, "no_answer"),
        ("It is either (A) or (B).", PLACES, "ambiguous"),
        ("The answer is I think none, A nor (B) nor (C)", PLACES, "ambiguous"),
        ("It is not around a marsh.", PLACES, "no_answer"),
        ("정답: 3", NUMBERS, "ambiguous"),  # the text of A, the number of C
        ("The answer is E.", PLACES, "no_answer"),
        ("정답은 복원중입니다.", ("복원중", "복원중"), "ambiguous"),
    ],
)
def test_what_takes_no_choice(text, given, reason):
    assert choices.grade(text, "A", given) == (None, "", reason)


@pytest.mark.parametrize(
    ("reference", "given", "right"),
    [
        *(("C", PLACES, "C"), ("(c)", PLACES, "C"), ("③", KOREAN, "C"), ("3번", KOREAN, "C")),
        *(("3", KOREAN, "C"), ("3", NUMBERS, "A"), ("철도용지", KOREAN, "C")),
        ("정답은 ③입니다", KOREAN, "C"),
        ("#### C", PLACES, "C"),
        ("C", ("C", "CO", "O2"), "C"),
    ],
)
def test_forms_of_a_reference(reference, given, right):
    assert choices.grade(f"The answer is ({right}).", reference, given).correct is True


def test_more_choices_than_letters():
    many = tuple(f"choice {i}" for i in range(11))
    assert choices.grade("Answer: choice 10", "choice 10", many) == (None, "", "unreadable")


@pytest.mark.parametrize(("reference", "how"), [("", "no_reference"), ("Z", "unreadable")])
def test_a_reference_that_names_no_choice(reference, how):
    assert choices.grade("The answer is (A).", reference, PLACES) == (None, "", how)
