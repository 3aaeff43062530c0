"""Bits per byte in a run: the same by hand, at any stage and number of ranks, and without a trace.

29 rows of documents a and b, 7 of them validated in micro-batches of two: two ranks have two each,
and the last one holds a single row. The reference takes each piece alone through the model.
"""

import json
import math
from shutil import copytree

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from kormo_ds.compose import load_run
from kormo_ds.model import Transformer
from kormo_ds.sequences import groups
from kormo_ds.sequences import open as open_sequences

STAGES = [0, 1, 2, 3]
NAMES = ["all", "lang=en", "lang=ko", "source=web", "synthesizer=m"]


@pytest.fixture(scope="module")
def held_out(sequences, tmp_path_factory):
    folder = copytree(sequences, tmp_path_factory.mktemp("held_out") / "rows")
    rows = {"doc_id": ["a", "b"], "lang": ["ko", "en"], "source": ["web"] * 2}
    table = pa.table(rows | {"synthesizer": [None, "m"]})
    (folder / groups.FILE).write_bytes(groups.content([table]))
    return folder


def validating(folder, rows=5):
    words = (f"sequences={folder}", "every=2", f"rows={rows}")
    return tuple(f"validation.{word}" for word in words)


@pytest.fixture(scope="module")
def runs(job, held_out):
    cases = [
        job.case(f"{kind}-{stage}", stage, "train.steps=5", *words)
        for stage in STAGES
        for kind, words in (("seen", validating(held_out)), ("blind", ()))
    ]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * len(cases)] * 2), output
    return job


def lines(job, name):
    return [json.loads(line) for line in (job.folder / name / "validation.jsonl").open()]


@pytest.mark.parametrize("stage", STAGES)
def test_training_goes_on_to_the_bit_as_if_there_were_no_validation(runs, stage):
    assert runs.losses(f"seen-{stage}") == runs.losses(f"blind-{stage}")
    assert runs.weights(f"seen-{stage}", 5) == runs.weights(f"blind-{stage}", 5)


@pytest.mark.parametrize("stage", STAGES)
def test_it_comes_every_so_many_steps_and_at_the_end_into_both_files(runs, stage):
    found = lines(runs, f"seen-{stage}")
    assert [line["step"] for line in found] == [1, 3, 4]
    assert all(sorted(line["bpb"]) == NAMES for line in found)
    in_metrics = runs.metrics(f"seen-{stage}")
    for line in found:
        for name, value in line["bpb"].items():
            assert in_metrics[line["step"]][f"eval/{name}/bpb"] == value
    assert not any(key.startswith("eval/") for key in in_metrics[2])


def reference(job, name, step, folder, n_rows):
    """Bits per byte of each document from the checkpoint after `step` steps, piece by piece."""
    run = load_run(str(job.folder / name / "run.yaml"))
    model = Transformer(run.model)
    weights = {}
    for path in (job.folder / name / "checkpoints" / f"step-{step:06d}/weights").glob(
        "*.safetensors"
    ):
        weights |= load_file(path)
    model.load_state_dict(weights)
    table = open_sequences(str(folder))
    bits, n_bytes = {"a": 0.0, "b": 0.0}, {"a": 0, "b": 0}
    for row in range(n_rows):
        for piece in table.pieces(row):
            if not piece.doc_id:
                continue
            ids = torch.from_numpy(piece.input_ids.astype(np.int64))
            with torch.no_grad():
                logits = model.logits(ids, torch.arange(len(ids)), [len(ids)]).double()
            chosen = logits.log_softmax(-1)[torch.arange(len(ids) - 1), ids[1:]]
            bits[piece.doc_id] -= float(chosen.sum()) / math.log(2)
            n_bytes[piece.doc_id] += sum(len(str(word)) for word in ids[1:].tolist())
    return bits, n_bytes


@pytest.mark.parametrize("stage", STAGES)
def test_values_are_those_of_each_piece_taken_alone(runs, held_out, stage):
    bits, n_bytes = reference(runs, f"seen-{stage}", 4, held_out, 5)
    line = lines(runs, f"seen-{stage}")[1]
    both = (bits["a"] + bits["b"]) / (n_bytes["a"] + n_bytes["b"])
    expected = {
        "all": both,
        "lang=ko": bits["a"] / n_bytes["a"],
        "lang=en": bits["b"] / n_bytes["b"],
        "source=web": both,
        "synthesizer=m": bits["b"] / n_bytes["b"],
    }
    assert line["bpb"] == pytest.approx(expected, rel=1e-5)
    assert line["n_bytes"]["lang=ko"] == n_bytes["a"]


def test_one_rank_finds_what_two_do(runs, held_out, job):
    codes, errors, output = job.run(
        job.case("validated-alone", 3, "train.steps=2", *validating(held_out)), world=1
    )
    assert (codes, errors) == ([0], [[None]]), output
    case = job.case("validated-pair", 3, "train.steps=2", *validating(held_out))
    codes, errors, output = job.run(case)
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    alone, pair = lines(job, "validated-alone")[0], lines(job, "validated-pair")[0]
    assert alone["bpb"] == pytest.approx(pair["bpb"], rel=1e-6)
    assert alone["n_bytes"] == pair["n_bytes"]


def test_what_cannot_be_validated_on_is_refused(job, held_out, sequences, tmp_path):
    other = copytree(held_out, tmp_path / "other")
    text = (other / "tokenizer.json").read_text()
    (other / "tokenizer.json").write_text(text.replace('"127"', '"x"'))
    lacking = copytree(held_out, tmp_path / "lacking")
    table = pa.table({name: ["a"] for name in ("doc_id", "lang", "source", "synthesizer")})
    (lacking / groups.FILE).write_bytes(groups.content([table]))
    cases = [
        job.case(f"refused-{folder.name}", 3, *validating(folder))
        for folder in (other, lacking, tmp_path / "nowhere")
    ]
    _, errors, _ = job.run(*cases)
    assert errors[0] == errors[1]
    tokenizer, group, nowhere = errors[0]
    assert "was packed with another tokenizer than data.sequences" in tokenizer
    assert f"{lacking}/groups.parquet has no document 'b' of its rows" in group
    assert nowhere.startswith("unknown sequences 'nowhere'")


def test_without_groups_components_are_told_apart(job, sequences):
    codes, errors, output = job.run(
        job.case("by-component", 1, "train.steps=2", *validating(sequences, rows=0))
    )
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    [line] = lines(job, "by-component")
    assert sorted(line["bpb"]) == ["all", "component=a", "component=b"]
