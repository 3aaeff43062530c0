"""`kormo lineage` prints a checkpoint and those it comes from."""

import json
import re
from dataclasses import asdict, replace

from kormo_ds.cli.lineage import lineage
from kormo_ds.run_record import manifest
from kormo_ds.run_record.state import FILE, State

DATA = [
    {"from_step": 0, "mixture": "web@1", "sequences": "f1"},
    {"from_step": 2, "mixture": "", "sequences": "0123456789abcdef"},
]


def test_ancestors_their_data_and_what_passed(tmp_path, capsys, monkeypatch):
    before = {"run": "first", "run_id": "r", "checkpoint": "runs/first/checkpoints/step-000005"}
    before |= {"steps": 5, "tokens": 5120, "data": DATA[:1]}
    before["changed"] = ["model.rope_theta 500000.0 → 2000000.0"]
    before["handover"] = {"optimizer": "keep", "schedule": "reset", "data": "reset"}
    state = replace(State(), step=3, tokens=96, data=DATA, lineage=[before])
    monkeypatch.chdir(tmp_path)
    folder = manifest.folder_of(tmp_path / "second" / "checkpoints", 3)
    folder.mkdir(parents=True)
    (folder / FILE).write_text(json.dumps(asdict(state)))
    manifest.commit(folder, manifest.share(folder, 0, 1))
    lineage("second")
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert [re.split("  +", line) for line in (head, *rows)] == [
        ["run", "checkpoint", "steps", "tokens", "mixture", "kept for the run above"],
        [
            "second",
            "second/checkpoints/step-000003",
            "3",
            "96",
            "web@1, from step 2 sequences 0123456789ab",
            "·",
        ],
        [
            "first",
            "runs/first/checkpoints/step-000005",
            "5",
            "5,120",
            "web@1",
            "weights, optimizer; changed: model.rope_theta 500000.0 → 2000000.0",
        ],
    ]
