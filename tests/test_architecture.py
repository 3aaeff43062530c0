"""The house as DESIGN says it is: sizes, packages, what a wheel holds, how many flags there are."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*(ROOT / "kormo_ds").rglob("*.py"), *(ROOT / "lake").rglob("*.py")])


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_file_is_one_concept_and_says_so(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert text.startswith('"""'), "a module opens with what it does"


def test_no_test_folder_is_a_package():
    assert list((ROOT / "tests").rglob("__init__.py")) == [], "tests/lake would shadow lake"


def test_the_wheel_holds_two_packages_and_the_project_files(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"kormo_ds", "lake"}
    for kind, suffix in (("sql", ".sql"), ("ds_configs", ".yaml")):
        shipped = {p.relative_to(ROOT).as_posix() for p in (ROOT / kind).rglob(f"*{suffix}")}
        packed = {n.removeprefix("kormo_ds/_project/") for n in names if n.endswith(suffix)}
        assert shipped <= packed
    package = ROOT / "kormo_ds"
    beside = [*package.glob("dashboard/*.*s"), *package.glob("*/*.jinja")]
    beside += package.glob("generate/prompts/*.md")
    beside += package.glob("eval/judged/prompts/*.md")
    beside += [*package.glob("eval/tasks/*.yaml"), *package.glob("eval/suites/*.yaml")]
    wanted = {path.relative_to(ROOT).as_posix() for path in beside}
    assert wanted <= set(names), "the dashboard's scripts and styles, the chat template, prompts"


def test_a_command_has_at_most_three_flags():
    import typer.main

    from kormo_ds.cli.app import app

    def commands(command, name=""):
        inner = getattr(command, "commands", {})
        if not inner:
            yield name, command
        for key, value in inner.items():
            yield from commands(value, f"{name} {key}".strip())

    for name, command in commands(typer.main.get_command(app)):
        flags = [p.name for p in command.params if p.param_type_name == "option"]
        assert len([f for f in flags if f != "help"]) <= 3, (name, flags)
        assert command.help, name


def test_dependencies_are_pinned_once():
    facts = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [d.split("=")[0].split(">")[0] for d in facts["project"]["dependencies"]]
    assert len(names) == len(set(names))
    assert "torch==2.13.0" in facts["project"]["dependencies"]


def test_importing_the_command_line_loads_nothing_heavy():
    heavy = [
        "torch",
        "lance",
        "duckdb",
        "pyarrow",
        "numpy",
        "numba",
        "deepspeed",
        "omegaconf",
        "rich",
    ]
    code = f"import sys, kormo_ds.cli.app; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
