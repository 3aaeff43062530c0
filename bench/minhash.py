"""MinHash 14 x 8 over word 5-grams: CPU seconds beside datatrove and rensa, in the same run.

    python bench/minhash.py [FILE.jsonl.zst …]

Without files, English and Korean pages are made from lists of words, a third of them copies with
changes. One thread on each side; the best of some rounds for ours, one round for datatrove.

- Signatures from text: ours segments an Arrow column (UAX #29), hashes words and n-grams and
  signs; datatrove's `get_shingles` and `get_signature`, its files left out; rensa gets strings of
  n-grams that Python made by `str.split`, which is told apart.
- Signatures from n-gram hashes: ours beside rensa's `digest_matrix_from_flat_token_hashes`, both
  with the same hashes in memory.
- Second core: sketches from a lake to its column, on one core and on two, of all texts of the file
  (repeated if it is short: a start and a commit cost the same for any number of texts).
- Whole: ours is `dedup.run` on a lake that holds the documents, keepers and verdicts written
  into it; datatrove's is signatures, buckets, clusters and filter by its local executor, with the
  documents in memory before and after. Memory is each process's peak.

datatrove's word tokenizer is its quickest, on white space; `spacy` is its own choice for English.
The processes are apart, so that imports and memory of one side are not the other's.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import peers
import pyarrow as pa
from report import keep
from segmentation import ENGLISH, KOREAN, read

from kormo_ds.text import hashes, minhash, words

BANDS, ROWS, NGRAM = 14, 8, 5
MEGABYTES = 8
CORES_BYTES = 60e6
ROUNDS = 3
WHOLE = """
import json, resource, sys, time
import lake
from kormo_ds.dedup import MinHash
from kormo_ds.dedup.run import run

warm = lake.open(sys.argv[2])
run(warm, MinHash(), threads=1)
start = time.process_time()
done = run(lake.open(sys.argv[1]), MinHash(), threads=int(sys.argv[3]))
whole = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
removed = done.reasons["minhash_reason"]["near_duplicate"]
print(json.dumps({"whole_s": whole, "removed": removed, "peak_mb": peak}))
"""

SKETCHES = """
import json, sys, time
import lake
from kormo_ds.dedup import MinHash
from kormo_ds.dedup.method import Sketcher

lk, found = lake.open(sys.argv[1]), []
step = Sketcher(MinHash().at(lk.schema()))
for _ in range(8):
    start = time.perf_counter()
    lk.fill("documents", [step])
    found.append(time.perf_counter() - start)
    lk.drop("documents", [step.method.sketch])
print(json.dumps({"wall_s": min(found)}))
"""


def made(vocabulary: str) -> list[str]:
    """Pages of 300 words, each third of them one of the pages before with five words changed."""
    draw = np.random.default_rng(0)
    parts = vocabulary.split(" ")
    pages: list[list[str]] = []
    while sum(map(len, pages)) < 1_000_000:
        page = [parts[k] for k in draw.integers(len(parts), size=300)]
        if len(pages) % 3 == 2:
            page = list(pages[draw.integers(len(pages))])
            for place in draw.integers(300, size=5):
                page[place] = parts[draw.integers(len(parts))]
        pages.append(page)
    return [" ".join(page) for page in pages]


def first_bytes(texts: list[str], n: int) -> list[str]:
    ends = np.cumsum([len(text.encode()) for text in texts])
    return texts[: max(1, int(np.searchsorted(ends, n)))]


def n_bytes(texts: list[str]) -> int:
    return sum(len(text.encode()) for text in texts)


def from_text(column: pa.Array) -> float:
    start = time.process_time()
    found = hashes.of_words(column, words.boundaries(column))
    minhash.band_keys(minhash.signatures(found, NGRAM, BANDS, ROWS)[1])
    return time.process_time() - start


def ngram_hashes(column: pa.Array) -> pa.ListArray:
    """The hashes of all n-grams, as if each were a word."""
    found = minhash.hash_words(column)
    values, offsets = found.values.to_numpy(), found.offsets.to_numpy()
    out, ends, at = np.empty(len(values), np.uint64), [0], 0
    for first, last in zip(offsets[:-1], offsets[1:], strict=True):
        at = hashes.hash_ngrams(values, first, last, NGRAM, out, at)
        ends.append(at)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(out[:at]))


def from_hashes(ngrams: pa.ListArray) -> float:
    start = time.process_time()
    minhash.signatures(ngrams, 1, BANDS, ROWS)
    return time.process_time() - start


def second_core(texts: list[str], folder: Path) -> float:
    """From a lake to the column of sketches: the time on one core by that on two."""
    import lake

    lk, given = lake.create(folder / "cores"), texts * round(max(1, CORES_BYTES / n_bytes(texts)))
    ids = [f"{i:08}" for i in range(len(given))]
    lk.append("documents", pa.table({"doc_id": ids, "text": given}))
    one, two = (
        printed(["taskset", "-c", cores, sys.executable, "-c", SKETCHES, lk.root])["wall_s"]
        for cores in ("0", "0,1")
    )
    return one / two


def whole(texts: list[str], folder: Path, threads: int = 1) -> dict[str, float]:
    import lake

    for name, given in (("lake", texts), ("warm", texts[:10])):
        lk = lake.create(folder / f"{name}{threads}")
        ids = [f"{i:08}" for i in range(len(given))]
        lk.append("documents", pa.table({"doc_id": ids, "text": given}))
    roots = [str(folder / f"{name}{threads}") for name in ("lake", "warm")]
    return printed([sys.executable, "-c", WHOLE, *roots, str(threads)])


def beside(peer: str, file: Path, split: str = "") -> dict[str, float]:
    script = Path(__file__).parent / "beside" / "minhash.py"
    return printed([peers.python(peer), str(script), peer, str(file), split])


def printed(command: list[str]) -> dict[str, float]:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(texts: list[str], english: bool) -> dict[str, object]:
    every, texts = texts, first_bytes(texts, MEGABYTES * 1_000_000)
    column = pa.array(texts)
    ngrams = ngram_hashes(column)
    ours_text = min(from_text(column) for _ in range(ROUNDS))
    ours_hashes = min(from_hashes(ngrams) for _ in range(ROUNDS))
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "texts.jsonl"
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        ngrams.values.to_numpy().tofile(f"{file}.hashes")
        ngrams.offsets.to_numpy().astype(np.uint64).tofile(f"{file}.offsets")
        rensa = beside("rensa", file)
        trove = beside("datatrove", file, "whitespace")
        spacy = beside("datatrove", file, "spacy") if english else None
        ours = whole(texts, Path(name))
        cores = second_core(every, Path(name))
    mb = n_bytes(texts) / 1e6
    return {
        "documents": len(texts),
        "megabytes": round(mb, 2),
        "ngrams": len(ngrams.values),
        "signatures_from_text": {
            "ours_mb_s": round(mb / ours_text, 1),
            "datatrove_mb_s": round(mb / trove["signatures_s"], 2),
            **({"datatrove_spacy_mb_s": round(mb / spacy["signatures_s"], 2)} if spacy else {}),
            "rensa_mb_s": round(mb / (rensa["ngrams_s"] + rensa["strings_s"]), 1),
            "rensa_without_making_strings_mb_s": round(mb / rensa["strings_s"], 1),
            "ratio_to_datatrove": round(trove["signatures_s"] / ours_text, 1),
            "ratio_to_rensa": round((rensa["ngrams_s"] + rensa["strings_s"]) / ours_text, 1),
        },
        "second_core": round(cores, 2),
        "signatures_from_ngram_hashes": {
            "ours_ns_an_ngram": round(ours_hashes / len(ngrams.values) * 1e9, 2),
            "rensa_ns_an_ngram": round(rensa["hashes_s"] / len(ngrams.values) * 1e9, 2),
            "ratio_to_rensa": round(rensa["hashes_s"] / ours_hashes, 2),
        },
        "whole": {
            "ours_mb_s": round(mb / ours["whole_s"], 1),
            "datatrove_mb_s": round(mb / trove["whole_s"], 2),
            "ratio_to_datatrove": round(trove["whole_s"] / ours["whole_s"], 1),
            "ours_peak_mb": round(ours["peak_mb"]),
            "datatrove_peak_mb": round(trove["peak_mb"]),
            "ours_removed": ours["removed"],
            "datatrove_removed": trove["removed"],
        },
    }


def main(paths: list[str]) -> None:
    texts = {Path(path).name.split(".")[0]: read(path) for path in paths} or {
        "english (made)": made(ENGLISH),
        "korean (made)": made(KOREAN),
    }
    goals = "signatures at least 20 times datatrove and not slower than rensa; whole 5 times"
    figures = {"goals": goals, "peers": [peers.PEERS[name][0] for name in ("datatrove", "rensa")]}
    measured = {name: measure(of, "_en" in name or "english" in name) for name, of in texts.items()}
    keep("minhash", figures | {"texts": measured}, ("numba", "numpy", "pyarrow", "pylance"))


if __name__ == "__main__":
    main(sys.argv[1:])
