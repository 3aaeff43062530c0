"""Steps of KORMo's recipe: megabytes a CPU second in one thread, line edits beside plain Python.

    python bench/recipe_steps.py [FILE.jsonl.zst …]

Measured are the steps alone, words and their hashes given, since a scan shares them. The peer of
`dclm_lines` is the same rules written as one would in Python: `re` and `str` methods for each line,
with the same patterns; it must find the same lines. `perplexity` asks a model of 5-grams that was
trained on the first half of the same texts. Without files, text is made from a list of words.
Results go to bench/results/recipe_steps.json.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from report import keep
from segmentation import ENGLISH, KOREAN, first_bytes, made, read

from kormo_ds.steps.dclm_lines import DclmLines
from kormo_ds.steps.dclm_patterns import BOILERPLATE, COUNTER
from kormo_ds.steps.extraction import Extraction
from kormo_ds.steps.fineweb2_ko import FineWeb2Ko
from kormo_ds.steps.perplexity import Perplexity
from kormo_ds.steps.words import NAME, WordHashes, WordLengths, Words
from kormo_ds.text import kneser_ney, pieces
from kormo_ds.text.perplexity_model import FILE, PerplexityModel, of_texts, percentiles

MEGABYTES, ROUNDS = 8, 3
_COUNTER, _BOILERPLATE = (re.compile(pattern, re.IGNORECASE) for pattern in (COUNTER, BOILERPLATE))
_FENCE = re.compile(r"(```+)[^`]*$|(~~~+)")
_EAST_ASIAN = re.compile("[ぁ-ヿ㐀-鿿가-힣]")


def plain_lines(text: str) -> int:
    """How many lines DCLM's edits take out, without the blank ones."""
    n, fence = 0, ""
    for line in text.split("\n"):
        bare = line.strip()
        opened = _FENCE.match(bare)
        if fence:
            if bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
            continue
        if opened:
            fence = opened[1] or opened[2]
            continue
        indented = line.startswith(("\t", " " * 4))
        if not bare or indented or re.match(r"#{1,6}(?:\s|$)", bare):
            continue
        words = sum(any(c.isalpha() or c.isdecimal() for c in word) for word in bare.split())
        if words and (
            "".join(bare.split()).isdecimal()
            or (words <= 10 and (_COUNTER.search(bare) or _BOILERPLATE.search(bare)))
            or sum(map(str.isupper, bare)) > 0.5 * len(bare)
            or (words < 2 and len(_EAST_ASIAN.findall(bare)) <= 10)
        ):
            n += 1
    return n


def batch(texts: list[str]) -> pa.RecordBatch:
    columns: dict[str, Any] = {
        "text_clean": pa.array(texts),
        "lang": pa.array(["ko"] * len(texts)),
        "origin": pa.array(["crawled"] * len(texts)),
    }
    for shared in (Words(), WordHashes(), WordLengths()):
        given = pa.RecordBatch.from_pydict({name: columns[name] for name in shared.reads})
        made_ = shared(given)
        columns[made_.schema.names[0]] = made_.column(0)
    return pa.RecordBatch.from_pydict(columns)


def model(texts: pa.RecordBatch, folder: str) -> tuple[str, float]:
    half = texts.slice(0, len(texts) // 2)
    start = time.thread_time()
    ngrams = kneser_ney.train(*pieces.of_words(half.column(0), half.column(NAME)), 5, 2)
    seconds = time.thread_time() - start
    edges = {"ko": percentiles(of_texts(ngrams, half.column(0)))}
    path = Path(folder, "bench")
    path.mkdir(exist_ok=True)
    (path / FILE).write_bytes(PerplexityModel("bench", ngrams, {}, edges, "").to_bytes())
    return str(path), sum(map(len, half.column(0).cast(pa.binary()).to_pylist())) / seconds / 1e6


def seconds(work: Callable[[], Any]) -> float:
    best = np.inf
    for _ in range(ROUNDS):
        start = time.thread_time()
        work()
        best = min(best, time.thread_time() - start)
    return float(best)


def measure(texts: list[str]) -> dict[str, Any]:
    texts = first_bytes(texts, MEGABYTES * 1_000_000)
    given = batch(texts)
    n_bytes = sum(len(text.encode()) for text in texts)
    with tempfile.TemporaryDirectory() as folder:
        path, training = model(given, folder)
        steps = (DclmLines(), Extraction(), FineWeb2Ko(), Perplexity(path))
        for step in steps:
            step(given.slice(0, 1))
        speed = {step.name: n_bytes / seconds(lambda s=step: s(given)) / 1e6 for step in steps}
    found = DclmLines()(given).to_pydict()
    ours = sum(sum(found[c]) for c in found if c.startswith("n_lines_") and c != "n_lines_blank")
    start = time.thread_time()
    theirs = sum(map(plain_lines, texts))
    plain = n_bytes / (time.thread_time() - start) / 1e6
    return {
        "megabytes": round(n_bytes / 1e6, 2),
        **{f"{name}_mb_s": round(value, 1) for name, value in speed.items()},
        "perplexity_training_mb_s": round(training, 2),
        "plain_python_lines_mb_s": round(plain, 2),
        "lines_ours_and_plain": [ours, theirs],
        "dclm_lines_ratio": round(speed["dclm_lines"] / plain, 1),
    }


def main(paths: list[str]) -> None:
    texts = {Path(path).name.split(".")[0]: read(path) for path in paths} or {
        "english (made)": made(ENGLISH),
        "korean (made)": made(KOREAN),
    }
    measured = {name: measure(of) for name, of in texts.items()}
    keep("recipe_steps", {"texts": measured}, ("numba", "numpy", "pyarrow"))


if __name__ == "__main__":
    main(sys.argv[1:])
