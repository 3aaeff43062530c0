"""Run as a program by `fit`: train fastText on a file of lines, write what scoring needs.

    python fasttext_process.py LINES WORDS WEIGHTS SETTINGS

SETTINGS is a JSON object: fastText's arguments, and `labels`, the positive and the negative one.
WORDS is written with a word a line, WEIGHTS (.npy) with a float64 for each word and bucket: the
vector of the feature times the difference of the two classes' vectors. Ends with 3 and one line on
stderr where fastText refuses the lines.

A process of its own, since fastText 0.9.3 with one thread sets a tenth of its input matrix and
leaves the rest as malloc gives it: `MALLOC_PERTURB_=255` makes that zeros, the same every time. A
process can be stopped as well, and gives its memory back.
"""

import ctypes
import json
import signal
import sys
from pathlib import Path
from typing import Any

import fasttext
import numpy as np

REFUSED = 3
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def main(lines: str, words: str, weights: str, settings: str) -> None:
    """Train and write."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    given: dict[str, Any] = json.loads(settings)
    labels = given.pop("labels")
    try:
        model = fasttext.train_supervised(lines, seed=0, verbose=0, **given)
    except (ValueError, RuntimeError) as error:
        print(str(error), file=sys.stderr)
        sys.exit(REFUSED)
    there = [label.removeprefix("__label__") for label in model.get_labels()]
    if set(there) != set(labels):
        print(f"{' and '.join(labels)} are needed, these are all {there[0]}", file=sys.stderr)
        sys.exit(REFUSED)
    outputs = np.asarray(model.f.getOutputMatrix(), np.float64)
    direction = outputs[there.index(labels[0])] - outputs[there.index(labels[1])]
    vectors = np.asarray(model.f.getInputMatrix())
    step = 2**16
    parts = range(0, len(vectors), step)
    folded = [vectors[i : i + step].astype(np.float64) @ direction for i in parts]
    Path(words).write_text("\n".join(model.get_words()), encoding="utf-8")
    np.save(weights, np.concatenate(folded))


if __name__ == "__main__":
    main(*sys.argv[1:])
