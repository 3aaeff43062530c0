import re

import pytest
import torch

from kormo_ds.errors import BadInput, Damaged, UnknownName
from kormo_ds.eval import checkpoint
from kormo_ds.model import initial_value


def test_the_weights_are_those_that_were_written(run_folder, trained):
    read = checkpoint.read(run_folder / "checkpoints" / "step-000002")
    model = read.model(device=torch.device("cpu"))
    wanted = trained.state_dict()
    assert list(model.state_dict()) == list(wanted)
    for name, value in model.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, wanted[name]), name
    assert read.name() == "step-000002"
    assert (read.run.name, read.vocabulary.bos) == ("demo", 256)


def test_init_is_the_start_of_the_run(run_folder):
    read = checkpoint.read(run_folder)
    model = read.model("init", device=torch.device("cpu"))
    for name, value in model.state_dict().items():
        assert torch.equal(value, initial_value(name, value.shape, 1, read.run.model)), name
    assert read.name("init") == "init"


def test_a_run_stands_for_its_newest_complete_checkpoint(run_folder):
    assert checkpoint.read(run_folder).folder.name == "step-000010"


def test_other_weights_are_refused(run_folder):
    with pytest.raises(UnknownName, match="unknown weights 'trainde'; did you mean 'trained'"):
        checkpoint.read(run_folder).model("trainde")


@pytest.mark.parametrize("file", ["weights/b.safetensors", "run.yaml", "tokenizer.json"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "bytes instead of"),
        (lambda path: path.write_bytes(b"?" + path.read_bytes()[1:]), "was changed"),
        (lambda path: path.unlink(), "is missing"),
    ],
)
def test_a_damaged_checkpoint_is_named_with_the_way_out(run_folder, file, damage, message):
    folder = run_folder / "checkpoints" / "step-000010"
    damage(folder / file)
    with pytest.raises(Damaged, match=f"{re.escape(file)} .*{message}.*; remove {folder}"):
        checkpoint.read(folder)


def test_an_unfinished_checkpoint_names_the_finished_ones(run_folder):
    with pytest.raises(Damaged, match="step-000012 was never finished .*step-000002, .*000010$"):
        checkpoint.read(run_folder / "checkpoints" / "step-000012")


def test_no_checkpoint(run_folder):
    with pytest.raises(BadInput, match="no checkpoint at .*step-000011; .*step-000010$"):
        checkpoint.read(run_folder / "checkpoints" / "step-000011")
    with pytest.raises(BadInput, match="no checkpoint at .*beside it: none"):
        checkpoint.read(run_folder.parent / "other")
