"""Word boundaries: megabytes a second on one core, beside the `regex` package in the same run.

    python bench/segmentation.py [FILE.jsonl.zst | FILE.txt …]

Without files, English and Korean text is made from a list of words, so that the figures need no
download; with files they are of those texts. Each side runs five times in turn; its best CPU time
counts. Results go to bench/results/segmentation.json.
"""

import json
import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import regex
from report import keep

from kormo_ds.text import words

MEGABYTES = 8
ROUNDS = 5
REGEX_MEGABYTES = 2
"""`regex` gets the first part of the same texts, as it takes tens of seconds for all."""
ENGLISH = (
    "the of and to a in that is was for it with as his on be at by had not are but from or have an "
    "they which one you were her all she there would their we him been has when who will more no "
    "don't it's 3.14 2024 tokenizer, sequences. (model) \"language\" e.g. data: documents!\n"
)
KOREAN = (
    "모델을 학습하기 위해 데이터를 수집하고 정제하는 과정은 매우 중요하다. 2024년 한국어 문서는 "
    "‘따옴표’와 3.14를 포함하며, 각 문서의 길이를 확인한다! 있는 그리고 하지만 그러나 때문에 "
    "토크나이저의 어휘를 128의 배수로 맞춘다 (예: 125,056개). ㅋㅋㅋ 좋아요~\n"
)


def made(vocabulary: str) -> list[str]:
    choice = np.random.default_rng(0)
    parts = vocabulary.split(" ")
    n = MEGABYTES * 1_000_000 // (len(vocabulary.encode()) // len(parts))
    drawn = [parts[k] for k in choice.integers(len(parts), size=n)]
    return [" ".join(drawn[k : k + 500]) for k in range(0, n, 500)]


def read(path: str) -> list[str]:
    if not path.endswith(".zst"):
        return [Path(path).read_text(encoding="utf-8")]
    import zstandard

    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in islice(lines, 20_000)]


def first_bytes(texts: list[str], n: int) -> list[str]:
    ends = np.cumsum([len(text.encode()) for text in texts])
    return texts[: max(1, int(np.searchsorted(ends, n)))]


def measure(texts: list[str]) -> dict[str, float]:
    texts = first_bytes(texts, MEGABYTES * 1_000_000)
    few = first_bytes(texts, REGEX_MEGABYTES * 1_000_000)
    column, pattern = pa.array(texts), regex.compile(r"(?w)\b")
    ours, theirs, counting = [], [], []
    for _ in range(ROUNDS):
        start = time.thread_time()
        found = words.boundaries(column)
        middle = time.thread_time()
        words.count(column, found)
        end = time.thread_time()
        for text in few:
            for _match in pattern.finditer(text):
                pass
        ours.append(middle - start)
        counting.append(end - middle)
        theirs.append(time.thread_time() - end)
    n_bytes, n_few = (sum(len(text.encode()) for text in part) for part in (texts, few))
    speed, regex_speed = n_bytes / min(ours) / 1e6, n_few / min(theirs) / 1e6
    return {
        "megabytes": round(n_bytes / 1e6, 2),
        "boundaries_mb_s": round(speed, 1),
        "count_mb_s": round(n_bytes / min(counting) / 1e6, 1),
        "regex_mb_s": round(regex_speed, 2),
        "ratio": round(speed / regex_speed, 1),
    }


def main(paths: list[str]) -> None:
    texts = {Path(path).name.split(".")[0]: read(path) for path in paths} or {
        "english (made)": made(ENGLISH),
        "korean (made)": made(KOREAN),
    }
    words.count(pa.array(["warm"]), words.boundaries(pa.array(["warm"])))
    texts_measured = {name: measure(of) for name, of in texts.items()}
    figures = {"goal": "a ratio of at least 30, on one core", "texts": texts_measured}
    keep("segmentation", figures, ("numba", "numpy", "pyarrow", "regex"))


if __name__ == "__main__":
    main(sys.argv[1:])
