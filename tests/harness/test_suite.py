"""The paper's list against the installed harness, and the report beside its figures."""

from datetime import datetime
from pathlib import Path

import lm_eval.tasks
import pytest
from lm_eval.tasks import TaskManager

import lake
from kormo_ds.cli.eval_report import report as command
from kormo_ds.cli.eval_tasks import tasks as ask
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.eval import suite, suite_table
from kormo_ds.eval.harness import tasks
from kormo_ds.eval.harness.protocol import Protocol
from kormo_ds.eval.report import report

ROOT = Path(__file__).resolve().parents[2]


FOLDERS = """
arc super_glue gpqa hellaswag mmlu global_mmlu/full/en global_mmlu/full/ko mmlu_pro mmlu-redux
openbookqa piqa siqa click csatqa haerae kobest kmmlu winogrande gsm8k humaneval
"""


@pytest.fixture(scope="module")
def manager():
    """The harness's own files of these tasks; listing all 14,000 takes longer than all tests."""
    installed = Path(lm_eval.tasks.__file__).parent
    paths = [str(installed / folder) for folder in FOLDERS.split()]
    return TaskManager(include_defaults=False, include_path=paths)


def test_every_task_that_the_suite_names_is_in_the_harness(manager):
    entries = suite.read("paper").entries
    assert [sum(e.lang == lang for e in entries) for lang in ("en", "ko")] == [13, 9]
    named = [entry.task for entry in entries if entry.task]
    tasks.check(named, manager)
    assert all(entry.task or entry.why for entry in entries)
    figures = [e.figures["KORMo-10B-base"] for e in entries]
    averages = suite.read("paper").averages["KORMo-10B-base"]
    assert sum(figures[:13]) / 13 == pytest.approx(averages["en"], abs=0.01)
    assert sum(figures[13:]) / 9 == pytest.approx(averages["ko"], abs=0.01)


def test_our_tasks_are_the_harness_s_of_those_names(manager):
    ours = set(tasks.local()) - {"kmmlu_train_sample"}
    assert ours <= set(manager.all_tasks)


def test_an_unknown_task_is_answered_with_near_ones(manager):
    with pytest.raises(
        UnknownName, match="unknown task 'kobest_bolq'; did you mean 'kobest_boolq'"
    ):
        tasks.check(["piqa", "kobest_bolq"], manager)


@pytest.mark.parametrize("text", ["entries: [", "entries: [{nme: x}]", "a: 1", "3"])
def test_a_broken_suite_is_refused(text):
    with pytest.raises(BadInput, match="suite broken cannot be read"):
        suite.parse(text, "broken")


def test_the_page_has_the_suite_s_table():
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert suite_table.text() in page, "python -m kormo_ds.eval.suite_table"


@pytest.mark.parametrize(
    "protocol",
    [Protocol("a", 0), Protocol("kmmlu", 5, True), Protocol("x_y", 25, True, 100)],
)
def test_a_protocol_is_read_as_it_was_written(protocol):
    assert Protocol.parse(str(protocol)) == protocol
    assert Protocol.parse("held_out@1") is None


SMALL = suite.parse(
    "{source: s, protocol: p, averages: {M: {en: 40.0, ko: 30.0}}, entries: ["
    "{name: one, lang: en, task: t1, shots: 5, figures: {M: 50.0}},"
    "{name: two, lang: en, task: t2, shots: 0, figures: {M: 30.0}},"
    "{name: three, lang: ko, figures: {M: 30.0}, why: none there}]}",
    "small",
)


def row(task, value, checkpoint="step-000002", metric="acc", stderr=0.01, day=1):
    at = datetime(2026, 1, day)
    about = {"run": "r", "checkpoint": checkpoint, "metric": metric, "created_at": at}
    return about | {"task": task, "value": value, "stderr": stderr}


def test_checkpoints_beside_the_figures_with_what_differs():
    evals = [
        row("t1 (5-shot)", 0.5),
        row("t1 (0-shot, local data, first 9)", 0.9, day=2),
        row("t1 (5-shot)", 0.25, metric="acc_norm"),
        row("t2 (1-shot, local data)", 0.25, stderr=None),
        row("t1 (5-shot)", 0.125, "init"),
    ]
    made = report(SMALL, evals, {"t2": "the dev split"})
    assert made.columns == ["M", "r init", "r step-000002"]
    assert made.rows == [
        ["one", "en", "50.00", "12.50 ±1.0", "50.00 ±1.0"],
        ["two", "en", "30.00", "-", "25.00*"],
        ["three", "ko", "30.00", "-", "-"],
        ["average of 2", "en", "40.00", "- (1 of 2)", "37.50*"],
        ["average of 1", "ko", "30.00", "- (0 of 1)", "- (0 of 1)"],
    ]
    assert made.notes == [
        "three: none there",
        "two, r step-000002 (*): 1-shot, not 0; local data: the dev split",
    ]


def test_the_command_writes_a_page(run_folder, data, tmp_path, capsys):
    lk = lake.create(str(tmp_path / "lake"))
    with pytest.raises(BadInput, match="no task of '.*small' is in the lake; ask some: kormo eval"):
        command([str(run_folder)], lake=lk.root)
    ask([str(run_folder), f"data={data}", "tasks=arc_easy,piqa"], lake=lk.root)
    command([str(run_folder)], lake=lk.root, out=tmp_path / "report.md")
    page = (tmp_path / "report.md").read_text()
    assert "| benchmark | language | KORMo-10B-base | small step-000007 |" in page
    assert "- (2 of 13)" in page and "- OLMo2-7B: 61.36, 35.82" in page
    assert "local data: shots are drawn from the test split, not train" in page
    assert "average of 13" in capsys.readouterr().out
