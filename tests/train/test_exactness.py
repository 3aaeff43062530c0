"""The same documents give the same loss and gradient however they are packed, chunked and ordered.

Sixteen documents are written into rows of 16 to 128 tokens, in several orders, each document whole.
One step takes them all on two ranks. The reference takes each document by itself in a plain loop,
with the dense mask. What was seen is printed (`pytest -s`) and is in
docs/training.md.
"""

import json
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from tokenizers import Tokenizer, models

from kormo_ds.compose import load_run
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.sequences.schema import Pieces, batch
from kormo_ds.sequences.write import Writer

VOCABULARY, PADDING = 128, -1
LOSS, NORM = 5e-7, 1e-6
"""Relative bounds in fp32, whose numbers are 1.2e-7 apart: sums in another order."""
BF16_LOSS, BF16_NORM = 5e-5, 5e-3
"""In bf16, whose numbers are 7.8e-3 apart: the weights are rounded, and every activation."""

PACKINGS = {  # row length, order of the documents, order of the rows, rows a micro-batch
    "alone": (16, 1, 1, 2),
    "pairs": (32, 1, 1, 1),
    "pairs-turned": (32, -1, 1, 1),
    "pairs-rows-turned": (32, 1, -1, 1),
    "pairs-at-once": (32, 1, 1, 4),
    "four": (64, 1, 1, 1),
    "four-turned": (64, -1, -1, 1),
    "long": (128, 1, 1, 1),
}
CASES = [  # packing, ZeRO stage, loss chunk, precision
    *((packing, 1, 2048, "fp32") for packing in PACKINGS),
    *((packing, 3, 2048, "fp32") for packing in PACKINGS),
    *(("four", stage, chunk, "fp32") for stage in (0, 1, 3) for chunk in (1, 5, 64)),
    *((packing, 2, 5, "bf16") for packing in ("alone", "pairs-turned", "four")),
]


def documents():
    random = np.random.default_rng(11)
    lengths = random.integers(3, 17, 16)
    return [random.integers(0, VOCABULARY, length).tolist() for length in lengths]


def packed(length, of_documents, of_rows):
    """Rows of documents, each in the first row that has room, and empty rows up to a multiple."""
    rows = []
    for document in documents()[::of_documents]:
        free = (row for row in rows if sum(map(len, row)) + len(document) <= length)
        row = next(free, None)
        if row is None:
            rows.append(row := [])
        row.append(document)
    rows += [[] for _ in range(-len(rows) % 8)]
    return rows[::of_rows]


def write(folder: Path, name: str) -> Path:
    length, *orders, _ = PACKINGS[name]
    rows = packed(length, *orders)
    lengths, names, ids = [], [], []
    for row in rows:
        left = length - sum(map(len, row))
        lengths.append([*map(len, row), *([left] if left else [])])
        names += [*("d" for _ in row), *([""] if left else [])]
        ids.append([token for document in row for token in document] + [0] * left)
    flat = [n for row in lengths for n in row]
    pieces = Pieces(
        rows=np.repeat(np.arange(len(rows)), [len(row) for row in lengths]),
        lengths=np.array(flat, np.int32),
        doc_ids=pa.array(names),
        offsets=np.zeros(len(flat), np.int32),
        components=pa.array(names),
        languages=pa.array(names),
    )
    facts = {"fingerprint": f"{name:*<64}", "command": "kormo pack demo tokenizer=tiny"}
    writer = Writer(str(folder / name), length, facts)
    writer.append([(batch(np.array(ids, np.int32), pieces), {})])
    writer.finish({})
    words = {str(word): word for word in range(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="0"))
    tokenizer.save(str(folder / name / "tokenizer.json"))
    return folder / name


def case_name(packing, stage, chunk, precision):
    return f"exact-{packing}-{stage}-{chunk}-{precision}"


@pytest.fixture(scope="module")
def trained(job, tmp_path_factory):
    """One step of every case, all in one job."""
    folder = tmp_path_factory.mktemp("packings")
    tables = {name: write(folder, name) for name in PACKINGS}
    cases = []
    for packing, stage, chunk, precision in CASES:
        length, *orders, micro = PACKINGS[packing]
        words = [
            f"data.sequences={tables[packing]}",
            f"train.tokens_per_step={len(packed(length, *orders)) * length}",
            f"train.micro_batch_rows={micro}",
            f"train.precision={precision}",
            f"model.loss_chunk={chunk}",
            *("train.steps=1", "checkpoint.every=1", "log.wandb=disabled"),
        ]
        cases.append(job.case(case_name(packing, stage, chunk, precision), stage, *words))
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * len(cases)] * 2), output
    return job


@pytest.fixture(scope="module")
def reference(job):
    """Loss and gradient norm of the documents one by one, from the same start."""
    run = load_run("smoke", job.case("reference", 0)["words"])
    model = Transformer(replace(run.model, attention="dense"))
    init_weights(model, run.seed)
    total = torch.zeros(())
    n_scored = sum(len(document) - 1 for document in documents())
    for document in documents():
        one = Batch.of_rows(np.array([document]), [np.array([len(document)])], [np.empty((0, 2))])
        loss = model(*one.inputs).sum() / n_scored
        loss.backward()
        total += loss.detach()
    norms = [parameter.grad.double().norm() for parameter in model.parameters()]
    return total.item(), torch.stack(norms).norm().item()


def deviations(trained, reference, precision):
    """The relative deviation of loss and norm of every case."""
    found = {}
    for case in CASES:
        if case[3] == precision:
            [(_, *values)] = trained.losses(case_name(*case))
            found[case] = [abs(a / b - 1) for a, b in zip(values, reference, strict=True)]
    return found


def test_the_packings_are_different_and_hold_the_same_documents():
    tables = {name: packed(*numbers[:3]) for name, numbers in PACKINGS.items()}
    for rows in tables.values():
        assert sorted(d for row in rows for d in row) == sorted(documents())
    assert len({json.dumps([PACKINGS[n][0], tables[n]]) for n in tables}) == len(tables) - 1
    first = documents()[0]
    starts = {
        list(accumulate(map(len, row), initial=0))[row.index(first)]
        for rows in tables.values()
        for row in rows
        if first in row
    }
    assert len(starts) > 1, "it stands at other positions, too"


@pytest.mark.parametrize(
    ("precision", "loss", "norm"), [("fp32", LOSS, NORM), ("bf16", BF16_LOSS, BF16_NORM)]
)
def test_packing_chunks_and_order_change_nothing_but_rounding(
    trained, reference, precision, loss, norm
):
    found = deviations(trained, reference, precision)
    worst = [max(found.items(), key=lambda item: item[1][i]) for i in (0, 1)]
    print(f"\n{precision}: largest deviation of the loss {worst[0][1][0]:.1e} in {worst[0][0]}")
    print(f"{precision}: largest deviation of the norm {worst[1][1][1]:.1e} in {worst[1][0]}")
    assert max(values[0] for values in found.values()) < loss
    assert max(values[1] for values in found.values()) < norm
