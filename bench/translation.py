"""The checks of translations on texts that people translated: false alarms, recall, speed.

    python bench/translation.py EN.jsonl.zst KO.jsonl.zst [EN.jsonl.zst KO.jsonl.zst …]

Rows are paired by `id`, in which /en/ and _en are the same as /ko/ and _ko. The step `translation`
judges each pair. Works go on after they were translated, so pairs whose headings and number of code
parts are alike stand apart: most of them are of one revision. Of those that the step keeps, up to
300 a work are spoilt in ten ways, and the share that is caught is the recall. The peer is the loop
that one would write first: the same fences, inline code, digits and headings. One thread; results
go to bench/results/translation.json.
"""

import json
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import zstandard
from report import keep, needed

import lake
from kormo_ds.steps.run import run
from kormo_ds.steps.translation import Translation
from kormo_ds.text.kept.compare import compare, find
from kormo_ds.text.kept.numbers import numbers
from kormo_ds.text.kept.parts import parts

Pair = tuple[str, str]
SPOILT, SPEED_MEGABYTES, ROUNDS = 300, 4, 3
_ANCHOR = re.compile(r'<a name="[^"]*"></a>')
"""What Microsoft's translations add to each heading."""
_PLAIN = {
    "code": re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL),
    "numbers": re.compile(r"\d[\d,.]*\d|\d"),
    "headings": re.compile(r"^#+ ", re.MULTILINE),
}


def read(path: str, lang: str) -> dict[str, dict[str, str]]:
    """Rows by id without its language."""
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {re.sub(rf"(?<=[/_]){lang}(?=[/-])", "", row["id"]): row for row in rows}


def pairs(english: str, korean: str) -> dict[str, list[Pair]]:
    """Source and translation of a work, by the style that the rows name."""
    sources, found = read(english, "en"), defaultdict(list)
    name = Path(korean).name.removesuffix(".jsonl.zst")
    for key, row in read(korean, "ko").items():
        if key in sources:
            text = _ANCHOR.sub("", row["text"])
            found[f"{name} {row['style']}"].append((sources[key]["text"], text))
    return found


def alike(pair: Pair) -> bool:
    """True where headings and the number of code parts are the same."""
    one, other = map(find, pair)
    levels = ["#" * n for n in range(1, 7)]
    codes = [found.kinds.get("code", Counter()).total() for found in (one, other)]
    return codes[0] == codes[1] and all(one.structure[n] == other.structure[n] for n in levels)


def judged(given: list[Pair]) -> list[str]:
    """The reason of the step `translation` for each pair."""
    with tempfile.TemporaryDirectory() as folder:
        lk = lake.create(folder)
        born = {"lang": "en", "origin": "curated"}
        rows: list[dict[str, Any]] = [
            born | {"doc_id": f"p{i}", "text": source} for i, (source, _) in enumerate(given)
        ]
        born = {"lang": "ko", "origin": "translated"}
        rows += [
            born | {"doc_id": f"t{i}", "parent_id": f"p{i}", "text": translation}
            for i, (_, translation) in enumerate(given)
        ]
        lk.append("documents", pa.Table.from_pylist(rows, lk.schema()))
        run(lk, [Translation()])
        found = lk.dataset().to_table(columns=["translation_reason"]).column(0).to_pylist()
    return found[len(given) :]


def _prose_places(text: str, pattern: str) -> list[tuple[int, int]]:
    taken = [(part.start, part.end) for part in parts(text)]
    found = [match.span() for match in re.finditer(pattern, text, re.MULTILINE)]
    return [(a, b) for a, b in found if not any(start < b and a < end for start, end in taken)]


def _replaced(pattern: str, new: Callable[[str], str]) -> Callable[[Pair, random.Random], str]:
    def spoil(pair: Pair, draw: random.Random) -> str:
        text = pair[1]
        places = _prose_places(text, pattern)
        if not places:
            return text
        start, end = draw.choice(places)
        return text[:start] + new(text[start:end]) + text[end:]

    return spoil


def _code(change: Callable[[str], str], fenced: bool) -> Callable[[Pair, random.Random], str]:
    def spoil(pair: Pair, draw: random.Random) -> str:
        text = pair[1]
        places = [
            part
            for part in parts(text)
            if part.kind == "code" and text.startswith(("```", "~~~"), part.start) == fenced
        ]
        if not places:
            return text
        one = draw.choice(places)
        return text[: one.start] + change(text[one.start : one.end]) + text[one.end :]

    return spoil


def _left(pair: Pair, draw: random.Random) -> str:
    """Paragraphs from the first on are the source's, until they hold a quarter of its words."""
    source, translation = (text.split("\n\n") for text in pair)
    n, n_words = 0, 0
    while n < len(source) and n_words < len(pair[0].split()) / 4:
        n_words += len(source[n].split())
        n += 1
    return "\n\n".join([*source[:n], *translation[n:]])


def _cut(pair: Pair, draw: random.Random) -> str:
    return pair[1][: len(pair[1]) // 2]


def _doubled(pair: Pair, draw: random.Random) -> str:
    return f"{pair[1]}\n\n{pair[1][len(pair[1]) // 2 :]}"


def _number(new: Callable[[str], str]) -> Callable[[Pair, random.Random], str]:
    """Change a number that the source writes in digits, too."""

    def spoil(pair: Pair, draw: random.Random) -> str:
        source, text = pair
        there = {readings[0] for readings in numbers(find(source).prose)}
        found = _prose_places(text, r"(?<![A-Za-z_\d.,&#%-])\d+(?![\d.,)])")
        places = [(start, end) for start, end in found if text[start:end] in there]
        if not places:
            return text
        start, end = draw.choice(places)
        return text[:start] + new(text[start:end]) + text[end:]

    return spoil


SPOIL = {
    "a digit changed": _number(lambda n: str((int(n[0]) + 4) % 10) + n[1:]),
    "a number lost": _number(lambda n: ""),
    "code translated": _code(lambda c: re.sub(r"[A-Za-z]{3,}(?=[^A-Za-z]*$)", "번역", c), True),
    "inline code changed": _code(lambda c: f"`{c.strip('`')}들`", False),
    "a heading lost": _replaced(r"^#+ .*\n", lambda line: ""),
    "an item lost": _replaced(r"^[ \t]*[-*+] .*\n", lambda line: ""),
    "a link lost": _replaced(r"(?<!!)\[[^\]\n]+\](?=\()", lambda link: link[1:-1]),
    "a quarter left in English": _left,
    "the second half lost": _cut,
    "the second half twice": _doubled,
}


def plain(pair: Pair) -> bool:
    """The loop one would write first: True if all is the same."""
    return all(
        Counter(pattern.findall(pair[0])) == Counter(pattern.findall(pair[1]))
        for pattern in _PLAIN.values()
    )


def recall(kept: list[Pair]) -> dict[str, Any]:
    """The share of spoilt pairs that is caught, by the way they are spoilt.

    The plain loop's is of the pairs that it keeps itself before they are spoilt.
    """
    draw = random.Random(5)
    made, kinds, plainly = [], [], []
    for kind, spoil in SPOIL.items():
        for pair in kept:
            spoilt = spoil(pair, draw)
            if spoilt != pair[1]:
                made.append((pair[0], spoilt))
                kinds.append(kind)
                plainly.append(plain(pair))
    drawn: Counter[str] = Counter(kinds)
    caught: Counter[str] = Counter()
    by_plain: dict[str, list[bool]] = defaultdict(list)
    for kind, why, was_kept, pair in zip(kinds, judged(made), plainly, made, strict=True):
        caught[kind] += why != "kept"
        if was_kept:
            by_plain[kind].append(not plain(pair))
    return {
        kind: {
            "drawn": n,
            "caught": round(caught[kind] / n, 4),
            "caught_by_plain_loop": round(sum(by_plain[kind]) / max(len(by_plain[kind]), 1), 4),
        }
        for kind, n in drawn.items()
    }


def measure(given: list[Pair]) -> tuple[dict[str, Any], list[Pair]]:
    reasons = judged(given)
    same = [alike(pair) for pair in given]
    kept = [
        pair for pair, why, one in zip(given, reasons, same, strict=True) if one and why == "kept"
    ]
    shares = [compare(*map(find, pair)) for pair, one in zip(given, same, strict=True) if one]
    of_one = [why for why, one in zip(reasons, same, strict=True) if one]
    plainly = sum(plain(pair) for pair, one in zip(given, same, strict=True) if one)
    figures = {
        "pairs": len(given),
        "kept": round(reasons.count("kept") / len(given), 3),
        "pairs_of_one_revision": len(of_one),
        "kept_of_one_revision": round(of_one.count("kept") / max(len(of_one), 1), 3),
        "against": dict(Counter(why for why in of_one if why != "kept").most_common()),
        "passes_alone": {
            name: round(sum(getattr(found, name) == 1 for found in shares) / max(len(shares), 1), 3)
            for name in ("code", "formulas", "numbers", "markup")
        },
        "plain_loop_keeps": round(plainly / max(len(of_one), 1), 3),
    }
    return figures, kept


def megabytes_a_second(given: list[Pair], check: Callable[[Pair], object]) -> float:
    n, best, some = 0, float("inf"), []
    for pair in given:
        some.append(pair)
        n += sum(len(text.encode()) for text in pair)
        if n > SPEED_MEGABYTES * 1_000_000:
            break
    for _ in range(ROUNDS):
        start = time.process_time()
        for pair in some:
            check(pair)
        best = min(best, time.process_time() - start)
    return round(n / 1e6 / best, 2)


def main(paths: list[str]) -> None:
    works: dict[str, Any] = {}
    all_kept: list[Pair] = []
    everything: list[Pair] = []
    for english, korean in zip(paths[::2], paths[1::2], strict=True):
        for name, given in pairs(english, korean).items():
            works[name], kept = measure(given)
            all_kept += random.Random(1).sample(kept, min(SPOILT, len(kept)))
            everything += given
    figures = {
        "goal": "true translations are kept, spoilt ones are not",
        "works": works,
        "spoilt_pairs": len(all_kept),
        "recall": recall(all_kept),
        "mb_s": megabytes_a_second(everything, lambda p: compare(find(p[0]), find(p[1]))),
        "plain_loop_mb_s": megabytes_a_second(everything, plain),
    }
    keep("translation", figures, ("pyarrow", "fasttext"))


if __name__ == "__main__":
    main(needed(sys.argv[1:], "EN.jsonl.zst KO.jsonl.zst …", least=2))
