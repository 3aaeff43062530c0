"""Questions with worked reasoning, made by rule: material to try a reasoning stage with, no more.

    a week of deliveries, a question about three of its numbers ──▶ thoughts ──▶ the answer

Korean and English in turn. Every answer is right, every thought says how it comes about, and all of
them are alike: what a model learns from them is their form. They need no model and no network.
"""

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kormo_ds.errors import BadConfig

DAYS = {
    "ko": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
}
GOODS = {
    "ko": ("사과", "배", "감", "귤", "무", "배추", "감자", "양파"),
    "en": ("apples", "pears", "plums", "figs", "onions", "carrots", "potatoes", "leeks"),
}


@dataclass
class Worked:
    """What is made.

    Raises:
        BadConfig: no question.
    """

    n: int = 1000
    """Questions, Korean and English in turn."""
    seed: int = 42
    """Of all numbers and words."""

    def __post_init__(self) -> None:
        if self.n < 1:
            raise BadConfig(f"n={self.n} must be 1 or more")


def rows(settings: Worked) -> Iterator[dict[str, Any]]:
    """The conversations in the form of OpenAI's messages, with `id` and `lang`.

    More of them change none of the first ones.
    """
    for number in range(settings.n):
        lang = ("ko", "en")[number % 2]
        draw = random.Random(f"{settings.seed} {number}")
        question, thoughts, answer = _made(lang, draw)
        yield {
            "id": f"{settings.seed}-{number}",
            "lang": lang,
            "messages": [
                {"role": "user", "content": question},
                {"role": "assistant", "reasoning_content": thoughts, "content": answer},
            ],
        }


def write(path: Path, settings: Worked) -> None:
    """Write the conversations as JSON Lines; the file is there whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(settings))
    aside.replace(path)


def _made(lang: str, draw: random.Random) -> tuple[str, str, str]:
    """Question, thoughts and answer."""
    goods = draw.choice(GOODS[lang])
    days = [(day, draw.randint(10, 40), draw.randint(0, 9)) for day in DAYS[lang]]
    first, second = sorted(draw.sample(range(len(days)), 2))
    (one, came, sold), (two, came_two, sold_two) = days[first], days[second]
    total, left = came + came_two, came + came_two - sold - sold_two
    asks_rest = draw.random() < 0.5
    if lang == "ko":
        log = " ".join(
            f"{day}에는 {goods} {a}개를 들여와 그중 {b}개를 팔았다." for day, a, b in days
        )
        asked = "팔고 남은" if asks_rest else "들여온"
        question = f"{log} {one}과 {two} 이틀 동안 {asked} {goods}의 수를 모두 합하면 몇 개인가?"
        thoughts = f"{one}에 {came}개, {two}에 {came_two}개를 들여왔다. "
        thoughts += f"{came} + {came_two} = {total}."
        if asks_rest:
            n_sold = sold + sold_two
            thoughts += f" 판 것은 {sold} + {sold_two} = {n_sold}. {total} - {n_sold} = {left}."
        number = left if asks_rest else total
        answer = f"{one}과 {two} 이틀 동안 {asked} {goods}의 수는 모두 {number}개이다."
        return question, thoughts, answer
    log = " ".join(f"On {day} {a} {goods} came in and {b} of them were sold." for day, a, b in days)
    asked = "were left over from" if asks_rest else "came in on"
    question = f"{log} How many {goods} {asked} {one} and {two} together?"
    thoughts = f"{came} came in on {one} and {came_two} on {two}. {came} + {came_two} = {total}."
    if asks_rest:
        n_sold = sold + sold_two
        thoughts += f" Sold were {sold} + {sold_two} = {n_sold}. {total} - {n_sold} = {left}."
    number = left if asks_rest else total
    return question, thoughts, f"Together {number} {goods} {asked} {one} and {two}."
