"""Mathematics, with math-verify run for real; hard cases end by themselves, in any thread."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kormo_ds.generate.grade import mathematics, symbolic

TOWER = r"\dfrac{5^{\left(5^{\left(5^{\left(5^5\right)}\right)} - 4\right)} - 5}{16}"
"""math-verify does not come back from this one, in spite of its own time limit."""


@pytest.mark.parametrize(
    ("text", "reference", "verdict"),
    [
        ("A: 26", "It is 18.\n#### 18", (False, "26", "phrase:number")),
        ("#### 1,000", "1000", (True, "1,000", "hashes:number")),
        ("정답: 18원입니다.", "18", (True, "18원입니다", "phrase:number")),
        ("she has 3 * 6 = 18 of them", "18", (True, "18", "last_number:number")),
        ("<think>#### 18</think>#### 20", "18", (False, "20", "hashes:number")),
        ("The answer is 18. This answer is right.", "18", (True, "18", "phrase:number")),
        (r"\boxed{(x+1)^2}", r"x^2+2x+1", (True, "(x+1)^2", "boxed:symbolic")),
        (r"\boxed{\frac{1}{\sqrt{2}}}", r"\frac{\sqrt{2}}{2}", (True, None, "boxed:symbolic")),
        (r"\boxed{x^2}", r"x^3", (False, "x^2", "boxed:symbolic")),
        (r"\boxed{\{2, 1\}}", r"\{1, 2\}", (True, None, "boxed:symbolic")),
        ("The answer is 5 * 4.", "20", (True, "5 * 4", "phrase:symbolic")),
        ("The answer is (-5).", "-5", (True, "(-5)", "phrase:number")),
        ("정답: 병원", "병원", (True, "병원", "phrase:text")),
        ("The answer is eighteen.", "18", (None, "eighteen", "unreadable")),
        ("The answer is 3 kg.", "3 km", (None, "3 kg", "units")),
        ("I do not know.", "18", (None, "", "no_answer")),
        ("<think>18", "18", (None, "", "no_answer")),
        ("#### 18", " ", (None, "", "no_reference")),
        (r"\boxed{\frac{}", "x+1", (None, "", "no_answer")),
    ],
)
def test_verdict(text, reference, verdict):
    found = mathematics.grade(text, reference)
    assert found == verdict if verdict[1] is not None else found[::2] == verdict[::2]


@pytest.mark.parametrize(
    ("reference", "is_mathematics"),
    [
        *(("18", True), ("3만 원", True), (r"\frac{1}{2}", True), ("x + 1", True), ("x", True)),
        *(("so much work\n#### 18", True), ("서울", False), ("A", False), ("", False)),
        ("There are 3 kinds of rock on earth.", False),
    ],
)
def test_what_is_mathematics(reference, is_mathematics):
    assert mathematics.is_mathematics(reference) is is_mathematics


def test_what_takes_too_long_is_given_up_and_the_next_pair_is_compared():
    verdict = mathematics.grade(f"\\boxed{{{TOWER}}}", "5", cpu_seconds=1)
    assert verdict == (None, TOWER, "timeout")
    assert mathematics.grade(r"\boxed{x+1}", "1+x").correct is True


def test_any_thread_may_ask():
    pairs = [("x+1", "1+x"), ("x", "y"), (r"\sqrt{4}", "2"), ("x^2", "x^3")] * 3
    with ThreadPoolExecutor(3) as pool:
        same = list(pool.map(symbolic.same, *zip(*pairs, strict=True)))
    assert same == [True, False, True, False] * 3


def test_a_child_that_died_is_replaced():
    assert symbolic.same("x", "x") is True
    for child in symbolic._idle:
        child._process.kill()
        child._process.wait()
    assert symbolic.same("x+1", "1+x") is True
