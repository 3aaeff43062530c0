"""Which near-duplicates BFF finds in Korean and English, by unit and size of n-grams.

    python bench/near_duplicates.py FILE.jsonl.zst …

Half of the paragraphs of real documents are planted as they are. Then come, each as a document of
its own, changed copies of them (recall: the share that is cut) and the other half, untouched (false
removals: those cut although no planted paragraph holds half of their word trigrams). The changes
are made by rule with a fixed seed. Results go to bench/results/near_duplicates.json.
"""

import json
import random
import re
import sys
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import zstandard
from report import keep, needed

import lake
from kormo_ds.dedup.bff import Settings
from kormo_ds.dedup.run_bff import run

PARAGRAPHS = 4000
WORDS = (20, 120)
"""Paragraphs of so many white-space words: 13-grams exist, and a page is not one paragraph."""
PARTICLES = {
    "은": "는", "는": "은", "이": "가", "가": "이", "을": "를", "를": "을", "와": "과", "과": "와",
}  # fmt: skip
ARTICLES = {
    "the": "a",
    "a": "the",
    "an": "the",
    "of": "for",
    "in": "on",
    "is": "was",
    "are": "were",
}
UNITS = [
    ("word", 13, 13), ("word", 5, 5), ("syllable", 13, 13), ("syllable", 20, 20),
    ("syllable", 30, 30),
]  # fmt: skip


def dropped_spaces(text: str, rng: random.Random) -> str:
    """One space in five is gone."""
    return "".join(c for c in text if c != " " or rng.random() > 0.2)


def particle(text: str, rng: random.Random) -> str:
    """One Korean particle, or one English function word, is another."""
    words = text.split(" ")
    places = [i for i, w in enumerate(words) if w[-1:] in PARTICLES and len(w) > 1]
    if places:
        i = rng.choice(places)
        words[i] = words[i][:-1] + PARTICLES[words[i][-1]]
        return " ".join(words)
    places = [i for i, w in enumerate(words) if w in ARTICLES]
    if places:
        i = rng.choice(places)
        words[i] = ARTICLES[words[i]]
    return " ".join(words)


def year(text: str, rng: random.Random) -> str:
    """The first number is another; where there is none, a year is put in the middle."""
    if re.search(r"\d+", text):
        return re.sub(r"\d+", lambda m: str(int(m[0]) + 1), text, count=1)
    words = text.split(" ")
    words.insert(len(words) // 2, "2019")
    return " ".join(words)


CHANGES = {
    "none": lambda text, rng: text,
    "NFD": lambda text, rng: unicodedata.normalize("NFD", text),
    "spaces dropped": dropped_spaces,
    "particle changed": particle,
    "year changed": year,
    "head cut": lambda text, rng: text.split(" ", 4)[-1],
    "tail cut": lambda text, rng: text.rsplit(" ", 4)[0],
}


def paragraphs(path: Path) -> list[str]:
    found: dict[str, None] = {}
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            for text in json.loads(line)["text"].split("\n"):
                text = unicodedata.normalize("NFC", text.strip())
                if WORDS[0] <= len(text.split()) <= WORDS[1]:
                    found[text] = None
            if len(found) > 20 * PARAGRAPHS:
                break
    chosen = list(found)
    random.Random(1).shuffle(chosen)
    return chosen[: 2 * PARAGRAPHS]


def trigrams(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return set(zip(words, words[1:], words[2:], strict=False))


def alone(planted: list[str], others: list[str]) -> set[str]:
    """The others of which no planted paragraph holds half of the trigrams."""
    holders = defaultdict(list)
    for i, text in enumerate(planted):
        for gram in trigrams(text):
            holders[gram].append(i)
    left = set()
    for text in others:
        grams, counts = trigrams(text), defaultdict(int)
        for gram in grams:
            for i in holders.get(gram, ()):
                counts[i] += 1
        if max(counts.values(), default=0) < len(grams) / 2:
            left.add(text)
    return left


def cut(planted: list[str], tried: list[str], settings: Settings) -> list[bool]:
    """Which of `tried`, each met after all of `planted` and nothing else, would be cut."""
    with tempfile.TemporaryDirectory() as folder:
        lk = lake.create(folder)
        texts = [*planted, *tried]
        ids = [f"{i:08}" for i in range(len(texts))]
        lk.append("documents", pa.table({"doc_id": ids, "text": texts}))
        run(lk, settings)
        rows = lk.dataset().to_table(["bff_total", "bff_contained"]).to_pylist()[len(planted) :]
    limit = settings.threshold
    return [row["bff_contained"] > limit * row["bff_total"] for row in rows]


def measure(path: Path) -> dict[str, dict[str, float]]:
    found = paragraphs(path)
    planted, others = found[: len(found) // 2], found[len(found) // 2 :]
    apart = alone(planted, others)
    figures: dict[str, dict[str, float]] = {}
    for unit, low, high in UNITS:
        settings = Settings(mode="paragraph", unit=unit, min_ngram=low, max_ngram=high, fp=1e-6)
        row: dict[str, float] = {}
        for name, change in CHANGES.items():
            rng = random.Random(7)
            changed = [change(text, rng) for text in planted]
            row[name] = round(sum(cut(planted, changed, settings)) / len(changed), 3)
        removed = [
            t for t, gone in zip(others, cut(planted, others, settings), strict=True) if gone
        ]
        row["others removed"] = round(len(removed) / len(others), 4)
        row["falsely"] = round(sum(t in apart for t in removed) / len(others), 4)
        figures[f"{unit} {low}"] = row
        print(path.name, unit, low, row, flush=True)
    return {"paragraphs": len(planted)} | figures  # type: ignore[return-value]


def main(paths: list[str]) -> None:
    figures = {Path(path).name.split(".")[0]: measure(Path(path)) for path in paths}
    keep("near_duplicates", {"threshold": 0.8, "texts": figures}, ("numba", "numpy"))


if __name__ == "__main__":
    main(needed(sys.argv[1:], "FILE.jsonl.zst …"))
