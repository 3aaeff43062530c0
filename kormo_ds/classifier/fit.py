"""Train fastText on labelled lines, and keep of it what scoring needs.

The lines go to a temporary file, which fastText reads once an epoch, in a process of its own
(`fasttext_process` says why). Costs about 1 s a megabyte for five epochs on one thread, and
4 · dim bytes of memory for each word and bucket.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kormo_ds.classifier.linear import Linear
from kormo_ds.classifier.settings import Settings, Task
from kormo_ds.errors import BadInput, Damaged

_LEFT_OUT = re.compile(r"(?<![^ \t-\r\0])(__label__[^ \t-\r\0]*|</s>(?![^ \t-\r\0]))")
_LINE_ENDS = re.compile(r"[\n\r\0]")
_PROGRAM = Path(__file__).with_name("fasttext_process.py")
_REFUSED = 3
_ZEROED = {"MALLOC_PERTURB_": "255"}
"""Makes glibc's malloc give zeros."""


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
        Damaged: its process was ended from outside, for lack of memory most likely.
    """
    labels = (task.positive, task.negative)
    with TemporaryDirectory(prefix="kormo-") as folder:
        lines, words, weights = (Path(folder) / n for n in ("lines.txt", "words.txt", "w.npy"))
        with lines.open("w", encoding="utf-8", newline="\n") as file:
            for positive, text in examples:
                file.write(f"__label__{labels[0 if positive else 1]} {line(text)}\n")
        command = [sys.executable, "-P", str(_PROGRAM), str(lines), str(words), str(weights)]
        given = json.dumps(_arguments(settings) | {"labels": labels})
        done = subprocess.run(
            [*command, given], env=os.environ | _ZEROED, stderr=subprocess.PIPE, text=True
        )
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        if done.returncode == _REFUSED:
            raise BadInput(f"fastText cannot train on these documents: {said}")
        if done.returncode:
            raise Damaged(
                f"fastText ended with {done.returncode} ({said}); where memory was short, lower "
                f"bucket={settings.bucket} or dim={settings.dim}"
            )
        vocabulary = words.read_bytes().split(b"\n")
        return Linear.of(labels, vocabulary, np.load(weights), settings.word_ngrams)


def _arguments(settings: Settings) -> dict[str, float]:
    """The settings under fastText's names."""
    return {
        "lr": settings.lr,
        "dim": settings.dim,
        "ws": settings.ws,
        "epoch": settings.epoch,
        "minCount": settings.min_count,
        "wordNgrams": settings.word_ngrams,
        "bucket": settings.bucket,
        "thread": settings.thread,
    }
