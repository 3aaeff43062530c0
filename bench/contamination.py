"""Overlap with evaluation sets: megabytes a CPU second, beside datatrove's NGramsDecontFilter.

    python bench/contamination.py EVAL.jsonl.zst TEXT.jsonl.zst …

The items are the column `question` of the first file. Ours finds word boundaries (which other steps
of a scan share), hashes plain words and looks 13-grams and short items up; it names every item.
datatrove's stops at the first 13-gram that it finds and names the set. Its index is made of the
same questions, and its English word tokenizer is used for Korean too, as its Korean one is a
slower analyser of morphemes. One thread each, texts in memory, the best of five rounds (of two for
datatrove's); results go to bench/results/contamination.json.
"""

import json
import subprocess
import sys
import tempfile
import time

import peers
import pyarrow as pa
import zstandard
from report import keep, needed

from kormo_ds.text import overlap, plain_words, words

ROUNDS, THEIR_ROUNDS = 5, 2
MEGABYTES = 8
THEIRS = """
import json, sys, time
from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter
from datatrove.utils.text import ngrams, simplify_text

given = json.load(open(sys.argv[1]))
step = NGramsDecontFilter(".", NGramsDecontConfig(n_grams=13), language="eng_Latn")

def hashes(text):
    tokens = step.tokenizer.word_tokenize(simplify_text(text, step.config.norm_config))
    return map(step.hash_func, map(" ".join, ngrams(tokens, 13)))

step._index_hashes = {value: "set" for text in given["items"] for value in hashes(text)}
documents = [Document(text=text, id=str(i)) for i, text in enumerate(given["texts"])]
best = float("inf")
for _ in range(given["rounds"]):
    start = time.process_time()
    found = sum(step.filter(document) is not True for document in documents)
    best = min(best, time.process_time() - start)
print(json.dumps([best, found]))
"""


def read(path: str, column: str, megabytes: float) -> list[str]:
    texts: list[str] = []
    n_bytes = 0
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            texts.append(json.loads(line)[column])
            n_bytes += len(texts[-1].encode())
            if n_bytes > megabytes * 1_000_000:
                break
    return texts


def ours(index: overlap.Index, texts: list[str]) -> tuple[float, float, int]:
    """Best seconds with and without word boundaries, and documents that overlap."""
    columns = [pa.array(texts[k : k + 1024]) for k in range(0, len(texts), 1024)]
    best, best_own, n_found = float("inf"), float("inf"), 0
    for _ in range(ROUNDS):
        own, n_found = 0.0, 0
        start = time.process_time()
        for column in columns:
            found = words.boundaries(column)
            middle = time.process_time()
            shared = overlap.overlaps(index, plain_words.hashes(column, found))
            own += time.process_time() - middle
            n_found += int((shared.hits > 0).sum())
        best, best_own = min(best, time.process_time() - start), min(best_own, own)
    return best, best_own, n_found


def theirs(items: list[str], texts: list[str]) -> tuple[float, int]:
    given = {"items": items, "texts": texts, "rounds": THEIR_ROUNDS}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(given, file)
        file.flush()
        command = [peers.python("datatrove"), "-c", THEIRS, file.name]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds, n_found = json.loads(done.stdout.splitlines()[-1])
    return seconds, n_found


def measure(index: overlap.Index, items: list[str], path: str) -> dict[str, float | str]:
    texts = read(path, "text", MEGABYTES)
    few = read(path, "text", MEGABYTES / 8)
    seconds, own, n_found = ours(index, texts)
    their_seconds, n_theirs = theirs(items, few)
    n_bytes, n_few = (sum(len(text.encode()) for text in part) for part in (texts, few))
    _, _, n_ours = ours(index, few)
    speed, their_speed = n_bytes / seconds / 1e6, n_few / their_seconds / 1e6
    return {
        "megabytes": round(n_bytes / 1e6, 2),
        "documents_found": n_found,
        "mb_s": round(speed, 1),
        "mb_s_with_shared_words": round(n_bytes / own / 1e6, 1),
        "datatrove_mb_s": round(their_speed, 2),
        "ratio": round(speed / their_speed, 1),
        "found_in_the_first_part": f"{n_ours} by ours, {n_theirs} by datatrove's",
    }


def main(paths: list[str]) -> None:
    items = read(paths[0], "question", 1e6)
    index = overlap.build(pa.array(items), ngram=13, min_words=5, max_items=10)
    ours(index, ["warm up the compiled code"])
    texts = {path.split("/")[-1].split(".")[0]: measure(index, items, path) for path in paths[1:]}
    goal = "faster than datatrove's filter, on one core, while it names every item"
    figures = {"goal": goal, "peer": peers.PEERS["datatrove"][0], "texts": texts}
    keep("contamination", figures, ("numba", "numpy", "pyarrow"))


if __name__ == "__main__":
    main(needed(sys.argv[1:], "EVAL.jsonl.zst TEXT.jsonl.zst …", least=2))
