"""`kormo doctor` itself: this machine as it is, with real ranks, and broken in one place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KORMO = [str(Path(sys.executable).parent / "kormo"), "doctor"]
WRONG_GRADIENT = """
import os

if "RANK" in os.environ:
    from kormo_ds.train import engine

    build = engine.build

    def deviating(run, batches):
        made = build(run, batches)
        zero = run.deepspeed["zero_optimization"]
        if os.environ["RANK"] == "1" and (zero["stage"], zero.get("overlap_comm")) == (1, True):
            made.module.layers[1].mlp.down_proj.weight.register_hook(lambda grad: grad * 1.01)
        if (zero["stage"], zero.get("overlap_comm")) == (2, True):
            raise RuntimeError("no such bucket")
        return made

    engine.build = deviating
"""
NO_XFORMERS = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "xformers":
            raise ModuleNotFoundError("No module named 'xformers'", name=name)

sys.meta_path.insert(0, Blocker())
"""


def examined(*words, **environment):
    """Exit code, marks by what was looked at, and all that was printed."""
    own = os.environ | {"OMP_NUM_THREADS": "1"} | environment
    done = subprocess.run([*KORMO, *words], env=own, capture_output=True, text=True, timeout=280)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    lines = [line for line in done.stdout.splitlines() if line[:5].strip()]
    marks = {line[6:30].strip(): line[:5].strip() for line in lines if line[:1] in "onF"}
    return done.returncode, marks, done.stdout


def shadowing(folder: Path, name: str, text: str) -> str:
    """A PYTHONPATH on which the module of `name` is `text`."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))


def test_this_machine_is_what_it_is_and_every_case_is_as_plain_torch():
    code, marks, told = examined()
    failed = [line for line in told.splitlines() if line.startswith("FAIL")]
    assert (code, failed) == (0, [])
    stages = [f"ZeRO {stage} overlap {on}, fp32" for stage in (1, 2, 3) for on in ("off", "on")]
    expected = ["torch", "deepspeed", "lake", "CUDA", "CPU operator", "xformers", "attention sdpa"]
    for what in [*expected, "sums over 2 ranks", "ZeRO 0, fp32", *stages]:
        assert marks[what] == "ok", told
    assert told.count("as plain torch (loss ") == 7 and "0 failed, in " in told


def test_a_wrong_gradient_and_a_broken_case_are_found_and_the_others_are_still_tried(tmp_path):
    path = shadowing(tmp_path, "sitecustomize.py", WRONG_GRADIENT)
    code, marks, told = examined(PYTHONPATH=path, TMPDIR=str(tmp_path))
    cases = {what: mark for what, mark in marks.items() if what.startswith("ZeRO")}
    wrong = ["ZeRO 1 overlap on, fp32", "ZeRO 2 overlap on, fp32"]
    assert (code, [what for what, mark in cases.items() if mark == "FAIL"]) == (1, wrong), told
    assert len(cases) == 7
    assert "most at layers.1.mlp.down_proj.weight in step 1" in told
    assert "mend: set deepspeed.zero_optimization.overlap_comm=false at stage 1" in told
    assert ": RuntimeError: no such bucket\n" in told
    assert "2 failed, in " in told
    [kept] = tmp_path.glob("kormo-doctor-*")
    assert f"output is in {kept}" in told and "no such bucket" in (kept / "rank-0.log").read_text()


def test_without_a_compiler_and_an_operator_it_says_how_to_install_one(tmp_path):
    empty = str(tmp_path)
    code, marks, told = examined("--quick", PATH=empty, TORCH_EXTENSIONS_DIR=empty)
    assert (code, marks["C++ compiler"], marks["CPU operator"]) == (1, "FAIL", "note")
    assert "mend: apt-get install g++" in told
    assert "mend: python -m kormo_ds.train.cpu_operator" in told


def test_another_package_of_the_name_lake_is_a_line_like_any_other(tmp_path):
    code, marks, told = examined("--quick", PYTHONPATH=shadowing(tmp_path, "lake.py", ""))
    assert (code, marks["lake"], marks["torch"]) == (1, "FAIL", "ok")
    assert f"imported from {tmp_path / 'lake.py'}" in told and "pip uninstall lake" in told


def test_without_xformers_a_cpu_is_as_well(tmp_path):
    path = shadowing(tmp_path, "sitecustomize.py", NO_XFORMERS)
    code, marks, told = examined("--quick", PYTHONPATH=path)
    assert (code, marks["xformers"]) == (0, "ok")
    assert "not installed, and a CPU does not use it" in told


def test_a_flash_attn_that_xformers_refuses_is_named(tmp_path):
    pytest.importorskip("xformers")
    shadowing(tmp_path, "flash_attn/flash_attn_interface.py", "flash_attn_gpu = None\n")
    inside = shadowing(tmp_path, "flash_attn/__init__.py", "__version__ = '2.5.0'\n")
    code, marks, told = examined("--quick", PYTHONPATH=inside)
    assert (code, marks["xformers"]) == (0, "note")
    assert "Requires Flash-Attention version" in told and "pip uninstall flash_attn" in told
