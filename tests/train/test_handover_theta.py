"""Another rotary theta at a hand-over: the same weights to the bit, and both losses on record."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from kormo_ds.compose import load_run
from kormo_ds.model import Transformer
from kormo_ds.model.batch import Batch
from kormo_ds.train import probe


def _loss(folder, theta):
    """Loss of the checkpoint's row, by a model that is made from its files alone."""
    config = replace(load_run(str(folder / "run.yaml")).model, rope_theta=theta)
    [file] = (folder / "weights").glob("*.safetensors")
    model = Transformer(config)
    model.load_state_dict(load_file(file))
    row = probe.read(folder)
    batch = Batch.of_rows(row["input_ids"], [row["lengths"]], [row["unscored"]])
    with torch.no_grad():
        return float(model(*batch.inputs)[0]) / batch.n_scored


def test_theta_is_changed_by_name_and_recorded_with_both_losses(job):
    still = ("optim.lr=1e-30", "optim.weight_decay=0", "train.steps=1", "checkpoint.every=1")
    other = ("model.rope_theta=2", "handover.run=short")
    codes, errors, output = job.run(
        job.case("short", 1, "train.steps=2", "optim.lr=0.1"),
        job.case("long", 3, *still, *other),
        job.case("long", 3, *still, "handover.run=short"),
    )
    assert codes == [0, 0] and [one[:2] for one in errors] == [[None, None]] * 2, output
    said = "model.rope_theta 500000.0 → 2.0"
    assert f"here, with {said}" in output
    assert "model.rope_theta" in errors[0][2], "its own checkpoint is not gone on with silently"

    before, after = job.checkpoint("short", 2), job.checkpoint("long", 1)
    [old], [new] = ((one / "weights").glob("*.safetensors") for one in (before, after))
    assert old.read_bytes() == new.read_bytes()
    [link] = json.loads((after / "state.json").read_text())["lineage"]
    assert link["changed"] == [said]
    there, here = link["evaluation_loss"]["there"], link["evaluation_loss"]["here"]
    assert there == pytest.approx(_loss(before, 500_000.0), rel=1e-5)
    assert here == pytest.approx(_loss(before, 2.0), rel=1e-5)
    assert abs(there - here) > 1e-4
