"""`kormo stability` on a run's files: the single-synthesizer collapse, seen; a sound run, not."""

import json
import math

import pytest

from kormo_ds.cli.stability import stability
from kormo_ds.errors import BadInput

N = 30


def written(folder, **series):
    lines = [
        {"step": 100 * i + 99, "bpb": {name: values[i] for name, values in series.items()}}
        for i in range(N)
    ]
    (folder / "validation.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def falling(rate):
    return [0.8 + 0.5 / (1 + i) ** rate for i in range(N)]


def test_the_collapse_of_the_paper_is_told(tmp_path, capsys):
    """One Korean synthesizer: its own texts ever better, Korean of people oscillating and lost."""
    lost = [1 + 0.005 * i + 0.06 * math.sin(2 * math.pi * i / 10) for i in range(N)]
    series = {
        "synthesizer=nemo": [1 - 0.01 * i for i in range(N)],
        "source=synth_ko": [1 - 0.01 * i for i in range(N)],
        "lang=ko": lost,
        "source=web_ko": lost,
        "lang=en": falling(0.7),
        "source=books_ko": [1 + 0.01 * i for i in range(N)],
        "all": falling(0.5),
    }
    (tmp_path / "spikes.jsonl").write_text('{"step": 7}\n{"step": 2900, "lo')
    stability(str(written(tmp_path, **series)))
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0] == f"30 validations of {tmp_path}, bits per byte"
    verdicts = {line.split()[0]: line.split()[-1] for line in lines[3:10]}
    assert lines[3].startswith("all ")
    assert verdicts == {
        "all": "learns",
        "lang=en": "learns",
        "lang=ko": "oscillates",
        "source=books_ko": "worsened",
        "source=synth_ko": "learns",
        "source=web_ko": "oscillates",
        "synthesizer=nemo": "learns",
    }
    assert "lang=ko oscillates: " in out and "of what was learned was lost again" in out
    assert "source=books_ko got worse: 1.29 bits at the end, 1 at step 99" in out
    assert "collapse onto synthesizer 'nemo': its documents are predicted better" in out
    assert lines[-1] == f"1 spikes, the last at step 7: kormo trace --run {tmp_path} --step 7"


def test_a_sound_run_is_told_no_more_than_its_table(tmp_path, capsys):
    series = {"all": falling(0.5), "lang=ko": falling(0.4), "synthesizer=a": falling(0.7)}
    stability(str(written(tmp_path, **series)))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and all(line.endswith("learns") for line in lines[3:])
    numbers = ["1.3", "0.8913", "2,999", "0.8913", "-3.65", "1", "0"]
    assert lines[3].split() == ["all", *numbers, "learns"]


def test_a_run_without_validation_is_refused(tmp_path):
    with pytest.raises(BadInput, match="has no validation; set validation.sequences=NAME when"):
        stability(str(tmp_path))
