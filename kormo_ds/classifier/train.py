"""Train a model on two queries, measure it, freeze its percentiles, and keep it in the lake.

Stages: choose the documents (SQL), write their texts for fastText, train, score the held-out ones,
score the language's documents for the percentiles. A killed training leaves the name free; done
again, one thread makes the same model to the byte. Costs what fastText does, some seconds a
megabyte of training text, and one reading of the documents for the percentiles.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kormo_ds.classifier import examples, fit, measure, percentiles, store
from kormo_ds.classifier.examples import Examples
from kormo_ds.classifier.settings import Settings, Task
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.progress import Advance, silent

if TYPE_CHECKING:
    from kormo_ds.classifier.linear import Linear
    from lake import Lake


@dataclass(frozen=True)
class Trained:
    """A model of the lake."""

    card: store.Card
    was_there: bool
    """True if the same training was done before."""


def train(
    lk: "Lake", task: Task, name: str, settings: Settings, progress: Advance = silent
) -> Trained:
    """Train the model `name` and keep it in <lake>/TASK/NAME.

    Args:
        lk: the lake.
        task: what the model tells apart.
        name: what it will be called.
        settings: on what, and with which numbers.
        progress: told of documents read.

    Raises:
        BadConfig: settings that cannot be used, or the name is taken by a model of others.
        BadInput: documents that cannot be trained on; see `examples.choose`.
        UnknownName: a mixture that is not recorded.
        LakeError: no documents, a query that is refused, another writer.
    """
    settings.check()
    store.check_name(name)
    with lk.lock(f"train {task.name} model {name}"):
        if name in store.names(lk, task.name):
            there = store.card(lk, task.name, name)
            _check_same(there, settings)
            _record(lk, there)
            return Trained(there, was_there=True)
        at = lk.dataset().version
        chosen = examples.choose(lk, at, settings)
        reading = _Reading(lk, at, chosen, progress)
        model = fit.fit(reading.training(), task, settings)
        scores = reading.scores(model)
        counts = chosen.counts | reading.counts
        used = chosen.held_out & ~reading.left_out
        if len(set(chosen.positive[used])) < 2:
            raise BadInput(
                "no held-out document of a class is left, since all have texts that are trained "
                "on, too; deduplicate the documents, or choose a larger held_out"
            )
        found = measure.measure(scores[used], chosen.positive[used], settings.threshold)
        rows = examples.sample(lk, at, settings)
        texts = examples.texts(lk.dataset(at=at), rows)
        all_scores = np.concatenate([model.score(column) for column in texts])
        content = model.to_bytes()
        card = store.Card(
            task=task.name,
            name=name,
            lang=settings.lang,
            positive=task.positive,
            negative=task.negative,
            settings=asdict(settings),
            queries=chosen.queries,
            documents_version=at,
            counts=counts,
            edges=[float(edge) for edge in percentiles.edges(all_scores)],
            n_edge_documents=len(rows),
            held_out=found,
            model_sha256=hashlib.sha256(content).hexdigest(),
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            versions={package: version(package) for package in ("fasttext", "numpy")},
        )
        lk.write(f"{task.name}/{name}/{store.ROWS}", _rows(task, chosen, reading.left_out, scores))
        lk.write_bytes(content, task.name, name, store.MODEL)
        lk.write_bytes(json.dumps(found, indent=2).encode(), task.name, name, store.HELD_OUT)
        lk.write_bytes(card.to_bytes(), task.name, name, store.CARD)
        _record(lk, card)
    return Trained(card, was_there=False)


class _Reading:
    """The texts of the examples, read twice: to train on one part, to score both."""

    def __init__(self, lk: "Lake", at: int, chosen: Examples, progress: Advance):
        self._dataset = lk.dataset(at=at)
        self._chosen = chosen
        self._progress = progress
        self.left_out = np.zeros(len(chosen.rows), bool)
        """Examples without text, and held-out ones whose text is trained on, too."""
        self.counts = {"n_no_text": 0, "n_held_out_seen": 0}
        self._seen: set[bytes] = set()
        progress(0, total=2 * len(chosen.rows))

    def training(self) -> Iterator[tuple[bool, str]]:
        places = np.flatnonzero(~self._chosen.held_out)
        for i, text in self._texts(places):
            if text.strip():
                self._seen.add(hashlib.md5(text.encode()).digest())
                yield bool(self._chosen.positive[i]), text
            else:
                self._leave_out(i, "n_no_text")

    def scores(self, model: "Linear") -> np.ndarray:
        """float64: the score of each example."""
        for i, text in self._texts(np.flatnonzero(self._chosen.held_out)):
            if not text.strip():
                self._leave_out(i, "n_no_text")
            elif hashlib.md5(text.encode()).digest() in self._seen:
                self._leave_out(i, "n_held_out_seen")
        found = [model.score(texts) for texts in examples.texts(self._dataset, self._chosen.rows)]
        self._progress(len(self._chosen.rows))
        return np.concatenate(found)

    def _texts(self, places: np.ndarray) -> Iterator[tuple[int, str]]:
        at = 0
        for texts in examples.texts(self._dataset, self._chosen.rows[places]):
            yield from zip(places[at : at + len(texts)], texts.to_pylist(), strict=True)
            at += len(texts)
            self._progress(len(texts))

    def _leave_out(self, i: int, why: str) -> None:
        self.left_out[i] = True
        self.counts[why] += 1


def _rows(task: Task, chosen: Examples, left_out: np.ndarray, scores: np.ndarray) -> pa.Table:
    """The documents of a model, as its table."""
    split = np.where(left_out, "left_out", np.where(chosen.held_out, "held_out", "train"))
    label = np.where(chosen.positive, task.positive, task.negative)
    return pa.table(
        {
            "doc_id": chosen.doc_ids,
            "label": pa.array(label.astype(object), pa.string()),
            "split": pa.array(split.astype(object), pa.string()),
            "score": pa.array(scores, pa.float32()),
        }
    )


def _record(lk: "Lake", card: store.Card) -> None:
    """Keep the version of `documents`, and put the measures into `evals`, unless they are there."""
    lk.tag(f"{card.task}-{card.name}", version=card.documents_version)
    run = f"{card.task}/{card.name}"
    known = lk.sql("select count(*) from evals where run = $run", run=run).fetchall()[0][0]
    if known:
        return
    empty = dict.fromkeys(lk.schema("evals").names)
    about = {"run": run, "checkpoint": card.model_sha256[:16], "task": card.task}
    rows = [
        empty
        | about
        | {
            "metric": metric,
            "lang": card.lang,
            "value": card.held_out[metric],
            "n_documents": card.held_out["n"],
            "created_at": datetime.fromisoformat(card.created_at).replace(tzinfo=None),
        }
        for metric in measure.NUMBERS
    ]
    lk.append("evals", pa.Table.from_pylist(rows, schema=lk.schema("evals")))


def _check_same(there: store.Card, settings: Settings) -> None:
    """Refuse to train another model under a name that is taken."""
    asked = asdict(settings)
    for key, value in asked.items():
        if there.settings.get(key) != value:
            raise BadConfig(
                f"{there.task} model '{there.name}' is there with {key}="
                f"{there.settings.get(key)}, not {value}; choose another name"
            )
