import pytest

from kormo_ds.text.particles import chosen, resolved

PAIRS = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로"}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        # Hangul, by the final consonant; ㄹ before 으로 as a vowel
        ("바다", "는 가 를 와 로"),
        ("대문", "은 이 을 과 으로"),
        ("연필", "은 이 을 과 로"),
        ("값", "은 이 을 과 으로"),
        ("물'", "은 이 을 과 로"),
        ("「책」", "은 이 을 과 으로"),
        # digits, as they are read
        ("0", "은 이 을 과 으로"),  # 영
        ("1", "은 이 을 과 로"),  # 일
        ("2", "는 가 를 와 로"),
        ("3", "은 이 을 과 으로"),
        ("4", "는 가 를 와 로"),
        ("5", "는 가 를 와 로"),
        ("6", "은 이 을 과 으로"),
        ("7", "은 이 을 과 로"),
        ("1234568", "은 이 을 과 로"),
        ("9", "는 가 를 와 로"),
        ("10", "은 이 을 과 으로"),  # 십
        ("2,000", "은 이 을 과 으로"),  # 천
        ("100,000", "은 이 을 과 으로"),  # 십만
        ("1000000000000", "는 가 를 와 로"),  # 조
        ("3.14", "는 가 를 와 로"),
        ("2.0", "은 이 을 과 으로"),
        ("제3", "은 이 을 과 으로"),
        # Latin capitals by the letter's name, words as English
        ("GPU", "는 가 를 와 로"),
        ("URL", "은 이 을 과 로"),
        ("RAM", "은 이 을 과 으로"),
        ("HR", "은 이 을 과 로"),
        ("Python", "은 이 을 과 으로"),
        ("Django", "는 가 를 와 로"),
        ("Git", "은 이 을 과 으로"),
        ("web", "은 이 을 과 으로"),
        ("stock", "은 이 을 과 으로"),
        ("test", "는 가 를 와 로"),
        ("email", "은 이 을 과 로"),
        ("Spring", "은 이 을 과 으로"),
        ("Docker", "는 가 를 와 로"),
        # all else
        ("%", "는 가 를 와 로"),
        ("", "는 가 를 와 로"),
    ],
)
def test_a_particle_follows_how_the_word_ends(word, said):
    assert [chosen(word, closed, vowel) for closed, vowel in PAIRS.items()] == said.split()


def test_places_are_resolved_one_after_another():
    text = "$key{을/를} {은/는} 낡은 금고{과/와} 서랍{으로/로} {a/b} {은}"
    assert resolved(text) == "$key를 는 낡은 금고와 서랍으로 {a/b} {은}"
