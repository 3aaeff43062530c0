"""Complete, incomplete, damaged and retired checkpoints, on plain files."""

import json
import re
from pathlib import Path

import pytest

from kormo_ds.errors import Damaged
from kormo_ds.run_record import manifest


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    """Steps 2, 4 and 10 complete, 12 not."""
    for step in (2, 4, 10, 12):
        folder = manifest.folder_of(tmp_path, step)
        (folder / "deepspeed").mkdir(parents=True)
        (folder / "run.yaml").write_text("name: demo\n")
        (folder / "deepspeed" / "moments.pt").write_bytes(bytes(100))
        if step != 12:
            shares = [manifest.share(folder, rank, 2) for rank in range(2)]
            manifest.commit(folder, [file for share in shares for file in share])
    return tmp_path


def test_only_folders_with_a_manifest_are_checkpoints(checkpoints: Path):
    assert [path.name for path in manifest.complete(checkpoints)] == [
        "step-000002",
        "step-000004",
        "step-000010",
    ]
    assert [path.name for path in manifest.incomplete(checkpoints)] == ["step-000012"]
    assert manifest.complete(checkpoints / "absent") == []


def test_a_manifest_lists_every_file_once_whatever_the_number_of_ranks(checkpoints: Path):
    listed = json.loads((checkpoints / "step-000004" / "manifest.json").read_text())
    assert [(file["path"], file["size"]) for file in listed["files"]] == [
        ("deepspeed/moments.pt", 100),
        ("run.yaml", 11),
    ]
    manifest.verify(checkpoints / "step-000004")


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def change(path: Path) -> None:
    path.write_bytes(b"\1" + path.read_bytes()[1:])


@pytest.mark.parametrize(
    ("file", "harm", "message"),
    [
        ("deepspeed/moments.pt", shorten, "has 99 bytes instead of 100; remove"),
        ("deepspeed/moments.pt", change, "was changed after it was written; remove"),
        ("run.yaml", Path.unlink, "is missing; remove"),
        ("manifest.json", shorten, "manifest.json cannot be read; remove"),
    ],
)
def test_a_damaged_file_is_named_with_the_way_out(checkpoints: Path, file, harm, message):
    folder = checkpoints / "step-000010"
    harm(folder / file)
    with pytest.raises(Damaged, match=re.escape(message)) as raised:
        manifest.verify(folder)
    assert str(raised.value).startswith(str(folder / file))
    assert str(raised.value).endswith(f"remove {folder} to go on from the checkpoint before it")


def test_each_rank_hashes_its_share_and_all_see_sizes(checkpoints: Path):
    folder = checkpoints / "step-000010"
    change(folder / "deepspeed" / "moments.pt")
    manifest.verify(folder, rank=1, world=2)
    with pytest.raises(Damaged):
        manifest.verify(folder, rank=0, world=2)


def test_retiring_keeps_the_newest_complete_ones(checkpoints: Path):
    manifest.retire(checkpoints, keep=2)
    assert sorted(path.name for path in checkpoints.iterdir()) == [
        "step-000004",
        "step-000010",
        "step-000012",
    ]
