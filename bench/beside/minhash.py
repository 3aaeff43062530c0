"""What bench/minhash.py runs in a peer's own environment: python minhash.py NAME FILE WORDS.

FILE is JSON lines with `text`; figures are printed as JSON. One thread, CPU seconds of the process
without its imports.
"""

import array
import contextlib
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

BANDS, ROWS, NGRAM = 14, 8, 5


def texts(path):
    with Path(path).open(encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def datatrove(path, words):
    """Signatures alone, then its four blocks by the local executor, on documents in memory."""
    from datatrove.data import Document
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
    )
    from datatrove.utils.word_tokenizers import WhitespaceTokenizer, load_word_tokenizer

    tokenizer = load_word_tokenizer("en") if words == "spacy" else WhitespaceTokenizer()
    config = MinhashConfig(n_grams=NGRAM, num_buckets=BANDS, hashes_per_bucket=ROWS)
    with tempfile.TemporaryDirectory() as folder:
        signing = MinhashDedupSignature(f"{folder}/alone", config, language=tokenizer)
        signing.get_signature(signing.get_shingles("one two three four five six"))
        given = texts(path)
        start = time.process_time()
        for text in given:
            shingles = signing.get_shingles(text)
            if shingles.size:
                signing.get_signature(shingles)
        alone = time.process_time() - start

        def read(_data, rank=0, world_size=1):
            for i, text in enumerate(given):
                yield Document(text=text, id=str(i))

        kept = []

        def keep(data, rank=0, world_size=1):
            kept.extend(document.id for document in data)
            yield from ()

        stages = [
            (1, [read, MinhashDedupSignature(f"{folder}/s", config, language=tokenizer)]),
            (BANDS, [MinhashDedupBuckets(f"{folder}/s", f"{folder}/b", config=config)]),
            (1, [MinhashDedupCluster(f"{folder}/b", f"{folder}/r", config=config)]),
            (1, [read, MinhashDedupFilter(f"{folder}/r"), keep]),
        ]
        start = time.process_time()
        for number, (tasks, pipeline) in enumerate(stages):
            with contextlib.redirect_stdout(sys.stderr):
                LocalPipelineExecutor(
                    pipeline, tasks=tasks, workers=1, logging_dir=f"{folder}/log{number}"
                ).run()
        whole = time.process_time() - start
    return {"signatures_s": alone, "whole_s": whole, "removed": len(given) - len(kept)}


def rensa(path, words):
    """Signatures of word 5-grams as strings, and of n-gram hashes that are made already."""
    from rensa import RMinHash

    given = texts(path)
    start = time.process_time()
    ngrams = []
    for text in given:
        pieces = text.split()
        ngrams.append([" ".join(pieces[i : i + NGRAM]) for i in range(len(pieces) - NGRAM + 1)])
    made = time.process_time() - start
    start = time.process_time()
    RMinHash.digest_matrix_from_token_sets(ngrams, num_perm=BANDS * ROWS, seed=1)
    strings = time.process_time() - start
    del ngrams

    hashes, offsets = array.array("Q"), array.array("Q")
    for values, name in ((hashes, "hashes"), (offsets, "offsets")):
        file = Path(f"{path}.{name}")
        with file.open("rb") as opened:
            values.fromfile(opened, file.stat().st_size // 8)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, BANDS * ROWS, 1)
        seconds.append(time.process_time() - start)
    return {"ngrams_s": made, "strings_s": strings, "hashes_s": min(seconds)}


if __name__ == "__main__":
    os.environ["RAYON_NUM_THREADS"] = "1"
    kind, path, words = sys.argv[1:]
    figures = {"datatrove": datatrove, "rensa": rensa}[kind](path, words)
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps(figures))
