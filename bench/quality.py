"""Quality scores, from lake to columns, beside bare fastText on the same texts in the same run.

    python bench/quality.py [FILE.jsonl.zst …]

Without files, Korean and English text is made from a list of words. A model of dimension 100 is
trained by fastText on a part; bare fastText predicts with it, the step with what is kept of it
(`kormo_ds.classifier.linear`). Figures are MB of UTF-8 per CPU second of the whole process, with
one thread that computes: reading the lake, scoring and writing three columns for the step,
`predict` of a list of strings that are in memory for fastText. Best of five. Results go to
bench/results/quality.json.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import fasttext
import numpy as np
import pyarrow as pa
from report import keep
from segmentation import ENGLISH, KOREAN, first_bytes, made, read

import lake
from kormo_ds.classifier import Settings, Task, train
from kormo_ds.classifier.fit import line
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.quality import Quality
from kormo_ds.steps.run import run

MEGABYTES, ROUNDS = 16, 5
GOAL = 0.8
BUCKET = 2_000_000
"""fastText's own default."""


def filled(root: Path, texts: list[str]) -> lake.Lake:
    """A lake of these documents with `text_clean`, and a model of them."""
    lk = lake.create(root)
    ids = [f"{i:06}" for i in range(len(texts))]
    sources = [("odd", "even")[i % 2] for i in range(len(texts))]
    lk.append(
        "documents",
        pa.table({"doc_id": ids, "text": texts, "lang": ["ko"] * len(texts), "source": sources}),
    )
    run(lk, [Clean()])
    queries = [f"select doc_id from documents where source = '{name}'" for name in ("odd", "even")]
    settings = Settings("ko", *queries, min_documents=1, per_class=2000)
    train(lk, Task("quality", "hq", "cc"), "m", settings)
    return lk


def whole_model(folder: Path, texts: list[str]) -> "fasttext.FastText._FastText":
    """The whole model of some of the texts, of dimension 100."""
    path = folder / "lines.txt"
    labelled = (f"__label__{('hq', 'cc')[i % 2]} {line(text)}\n" for i, text in enumerate(texts))
    path.write_text("".join(labelled), encoding="utf-8")
    return fasttext.train_supervised(str(path), dim=100, wordNgrams=2, bucket=BUCKET, verbose=0)


def step(lk: lake.Lake) -> float:
    """CPU seconds of filling the columns, which are dropped first."""
    there = [name for name in lk.schema().names if name.startswith("quality")]
    if there:
        lk.drop("documents", there)
    chosen = Quality(models="m").at(lk)
    chosen.scorers  # noqa: B018 -- loaded before the clock runs, as the peer's model is
    start = time.process_time()
    lk.fill("documents", [chosen], threads=1)
    return time.process_time() - start


def measure(texts: list[str]) -> dict[str, float]:
    texts = first_bytes(texts, MEGABYTES * 1_000_000)
    n_bytes = sum(len(text.encode()) for text in texts)
    folder = Path(tempfile.mkdtemp(prefix="kormo-bench-"))
    try:
        lk, model = filled(folder / "lake", texts), whole_model(folder, texts[:4000])
        cleaned = lk.dataset().to_table(["text_clean"])["text_clean"]
        lines, column = [line(text) for text in cleaned.to_pylist()], cleaned.combine_chunks()
        linear = Quality(models="m").at(lk).scorers["ko"].linear
        ours, theirs, kernel = [], [], []
        for _ in range(ROUNDS):
            ours.append(step(lk))
            start = time.process_time()
            model.predict(lines, k=2)
            middle = time.process_time()
            linear.score(column)
            theirs.append(middle - start)
            kernel.append(time.process_time() - middle)
    finally:
        shutil.rmtree(folder)
    speed, peer = (n_bytes / min(times) / 1e6 for times in (ours, theirs))
    return {
        "megabytes": round(n_bytes / 1e6, 2),
        "documents": len(texts),
        "step_mb_s": round(speed, 1),
        "kernel_mb_s": round(n_bytes / min(kernel) / 1e6, 1),
        "fasttext_mb_s": round(peer, 1),
        "ratio": round(speed / peer, 2),
    }


def main(paths: list[str]) -> None:
    texts = {Path(path).name.split(".")[0]: read(path) for path in paths} or {
        "english (made)": made(ENGLISH),
        "korean (made)": made(KOREAN),
    }
    measured = {name: measure(of) for name, of in texts.items()}
    ratios = [row["ratio"] for row in measured.values()]
    figures = {
        "goal": f"at least {GOAL} of bare fastText",
        "reached": bool(np.min(ratios) >= GOAL),
        "texts": measured,
    }
    keep("quality", figures, ("fasttext", "numba", "numpy", "pyarrow", "pylance"))


if __name__ == "__main__":
    main(sys.argv[1:])
