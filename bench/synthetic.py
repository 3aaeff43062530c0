"""Copies of seeds and leaks of prompts: megabytes a CPU second, beside plain Python sets.

    python bench/synthetic.py TEXT.jsonl.zst …

Each text stands for an output, the text before it in the file for its seed, and a shipped prompt
for what was asked. Ours finds words, hashes them and looks n-grams up, as the step does; the peer
is what one writes first: lower case, `re.findall`, sets of tuples. Both count the same n-grams of
the same words, which is checked. The whole step, with language, refusal and ending, is measured
from a lake. One thread, texts in memory, the best of three rounds; results go to
bench/results/synthetic.json.
"""

import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import zstandard
from report import keep, needed

import lake
from kormo_ds.generate import prompt
from kormo_ds.recorded import prompts
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.run import run
from kormo_ds.steps.synthetic import Synthetic, hashes
from kormo_ds.text import shared_ngrams

ROUNDS, MEGABYTES, COPY, LEAK = 3, 6, 5, 6
PROMPT = prompts.instructions(prompt.library()["rewrite_ko"].read_text(encoding="utf-8"))
Pairs = list[tuple[str, str]]


def read(path: str) -> Pairs:
    """Texts of letters, digits and spaces alone, so that both sides have the same words."""
    texts, n_bytes = [], 0
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            texts.append(re.sub(r"[^a-z0-9가-힣]+", " ", json.loads(line)["text"].lower()).strip())
            n_bytes += len(texts[-1].encode())
            if n_bytes > MEGABYTES * 1_000_000:
                break
    return list(zip(texts, [texts[-1], *texts[:-1]], strict=True))


def ours(pairs: Pairs) -> tuple[int, int]:
    """Places shared with seeds, and with the prompt."""
    said = hashes(pa.array([PROMPT]))
    n_copied = n_leaked = 0
    for k in range(0, len(pairs), 512):
        texts, seeds = (hashes(pa.array(side)) for side in zip(*pairs[k : k + 512], strict=True))
        asked = said.take(pa.array([0] * len(texts)))
        n_copied += int(shared_ngrams.counts(texts, seeds, COPY)[0].sum())
        n_leaked += int(shared_ngrams.counts(texts, asked, LEAK)[0].sum())
    return n_copied, n_leaked


def theirs(pairs: Pairs) -> tuple[int, int]:
    """The same with sets."""

    def grams(text: str, n: int) -> list[tuple[str, ...]]:
        found = re.findall(r"\w+", text.lower())
        return list(zip(*(found[k:] for k in range(n)), strict=False))

    asked = set(grams(PROMPT, LEAK))
    n_copied = n_leaked = 0
    for text, seed in pairs:
        known = set(grams(seed, COPY))
        n_copied += sum(gram in known for gram in grams(text, COPY))
        n_leaked += sum(gram in asked for gram in grams(text, LEAK))
    return n_copied, n_leaked


def timed(call: Callable[[Pairs], Any], pairs: Pairs) -> tuple[float, Any]:
    """The best CPU seconds, and what was returned."""
    best, found = float("inf"), None
    for _ in range(ROUNDS):
        start = time.process_time()
        found = call(pairs)
        best = min(best, time.process_time() - start)
    return best, found


def whole_step(pairs: Pairs) -> float:
    """CPU seconds of the step over a lake of these texts, each with the one before as its seed."""
    with tempfile.TemporaryDirectory() as folder:
        lk = lake.create(folder)
        texts, seeds = (pa.array(side) for side in zip(*pairs, strict=True))
        ids = pa.array([f"{i:032x}" for i in range(len(pairs))])
        born = {"source": ["s"] * len(pairs), "lang": ["ko"] * len(pairs)}
        lk.append("documents", pa.table({"doc_id": ids, "text": seeds, **born}))
        written = {"synthesizer": ["m"] * len(pairs), "parent_id": ids}
        outputs = pc.binary_join_element_wise(ids, "x", "")
        lk.append("documents", pa.table({"doc_id": outputs, "text": texts, **born, **written}))
        run(lk, [Clean()])
        start = time.process_time()
        run(lk, [Synthetic()])
        return time.process_time() - start


def measure(path: str) -> dict[str, float]:
    pairs = read(path)
    n_bytes = sum(len(text.encode()) for text, _ in pairs)
    seconds, found = timed(ours, pairs)
    their_seconds, expected = timed(theirs, pairs)
    assert found == expected, (found, expected)
    return {
        "megabytes": round(n_bytes / 1e6, 2),
        "texts": len(pairs),
        "ngrams_shared_with_seeds": found[0],
        "mb_s": round(n_bytes / seconds / 1e6, 1),
        "python_sets_mb_s": round(n_bytes / their_seconds / 1e6, 2),
        "ratio": round(their_seconds / seconds, 1),
        "whole_step_mb_s": round(n_bytes / whole_step(pairs) / 1e6, 1),
    }


def main(paths: list[str]) -> None:
    ours([("warm up", "the compiled code")])
    texts = {path.split("/")[-1].split(".")[0]: measure(path) for path in paths}
    goal = "faster than plain Python sets, for the same counts"
    keep("synthetic", {"goal": goal, "peer": "re and set", "texts": texts}, ("numba", "pyarrow"))


if __name__ == "__main__":
    main(needed(sys.argv[1:], "TEXT.jsonl.zst …"))
