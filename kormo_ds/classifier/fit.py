"""Train fastText on labelled lines, and keep of it what scoring needs.

The lines go to a temporary file, which fastText reads once an epoch. Costs about 1 s a megabyte for
five epochs on one thread, and 4 · dim bytes of memory for each word and bucket.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kormo_ds.classifier.linear import Linear
from kormo_ds.classifier.settings import Settings, Task
from kormo_ds.errors import BadInput

_LEFT_OUT = re.compile(r"(?<![^ \t-\r\0])(__label__[^ \t-\r\0]*|</s>(?![^ \t-\r\0]))")
_LINE_ENDS = re.compile(r"[\n\r\0]")


def line(text: str) -> str:
    r"""`text` on one line, without words that mean something to fastText.

    >>> line("a\nb __label__hq </s> c</s>")
    'a b   c</s>'
    """
    return _LINE_ENDS.sub(" ", _LEFT_OUT.sub("", text))


def fit(examples: Iterable[tuple[bool, str]], task: Task, settings: Settings) -> Linear:
    """A model of the examples in their order, which should be mixed.

    Args:
        examples: whether each is positive, and its text.
        task: names the labels.
        settings: of fastText.

    Raises:
        BadInput: fastText refuses the examples or the settings.
    """
    labels = (task.positive, task.negative)
    with TemporaryDirectory(prefix="kormo-") as folder:
        path = Path(folder) / "lines.txt"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for positive, text in examples:
                file.write(f"__label__{labels[0 if positive else 1]} {line(text)}\n")
        model = _trained(path, settings)
    outputs = np.asarray(model.f.getOutputMatrix(), np.float64)
    order = [label.removeprefix("__label__") for label in model.get_labels()]
    direction = outputs[order.index(labels[0])] - outputs[order.index(labels[1])]
    vectors = np.asarray(model.f.getInputMatrix())
    step = 2**16
    weights = np.concatenate(
        [vectors[i : i + step].astype(np.float64) @ direction for i in range(0, len(vectors), step)]
    )
    words = [word.encode() for word in model.get_words()]
    return Linear.of(labels, words, weights, settings.word_ngrams)


def _trained(path: Path, settings: Settings) -> Any:
    import fasttext

    try:
        return fasttext.train_supervised(
            str(path),
            lr=settings.lr,
            dim=settings.dim,
            ws=settings.ws,
            epoch=settings.epoch,
            minCount=settings.min_count,
            wordNgrams=settings.word_ngrams,
            bucket=settings.bucket,
            thread=settings.thread,
            seed=0,
            verbose=0,
        )
    except (ValueError, RuntimeError) as error:
        raise BadInput(f"fastText cannot train on these documents: {error}") from error
