"""Each check shown a bad state: what is found, and how it is to be mended."""

import json
from pathlib import Path

import pytest
import torch

from kormo_ds.doctor import attention, building, cases, checks, devices, job, machine, versions
from kormo_ds.doctor.cases import Case, judge
from kormo_ds.doctor.finding import Finding, fail, note, ok
from kormo_ds.doctor.parity import sums
from kormo_ds.errors import BadConfig


def test_python():
    assert versions.python("3.11.7", ">=3.11", "/p") == ok("Python", "3.11.7 (/p)")
    assert versions.python("3.10.14", ">=3.11", "/p").mark == "FAIL"


def test_packages_too_old_missing_and_others():
    there = {"deepspeed": "0.19.6", "torch": "2.13.0+cu130", "rich": "15.0", "typer": "0.1"}
    wanted = [
        "deepspeed>=0.19.8",
        "torch==2.13.0",
        "duckdb>=2.0",
        "rich>=13",
        "typer>=0.16",
        "xformers>=0.0.35; extra == 'gpu'",
    ]
    why = "older ones return uninitialised parameters at ZeRO 3 on a CPU"
    assert list(versions.packages(wanted, there.get)) == [
        fail("deepspeed", f"0.19.6, wanted >=0.19.8 ({why})", "pip install 'deepspeed>=0.19.8'"),
        ok("torch", "2.13.0+cu130 (==2.13.0: the one release that is tested)"),
        fail(
            "duckdb",
            "not installed, wanted >=2.0 (the lake's queries)",
            "pip install 'duckdb>=2.0'",
        ),
        fail("typer", "0.1, wanted >=0.16", "pip install 'typer>=0.16'"),
        ok("other packages", "1, of the versions that are wanted"),
    ]


def test_every_package_with_a_line_is_wanted():
    text = " ".join(versions.wanted()[1])
    assert [name for name in versions.SHOWN if name not in text] == []


@pytest.mark.parametrize(
    ("imported", "mark"),
    [("/a/lake/__init__.py", "ok"), ("/b/lake.py", "FAIL"), (None, "FAIL")],
)
def test_whose_lake(imported, mark):
    assert versions.lake(imported, "/a/kormo_ds").mark == mark


@pytest.mark.parametrize(
    ("built_for", "seen", "available", "kept_off", "mark", "words"),
    [
        (None, [], False, False, "ok", "no GPU here"),
        (None, ["/dev/nvidia0"], False, False, "FAIL", "built for a CPU only"),
        (None, ["/dev/nvidia0"], False, True, "ok", "keeps off"),
        ("13.0", ["/dev/nvidia0"], False, False, "FAIL", "torch cannot use it"),
        ("13.0", [], False, False, "ok", "no GPU here"),
        ("13.0", ["/dev/nvidia0"], True, False, "ok", "built for 13.0"),
    ],
)
def test_cuda(built_for, seen, available, kept_off, mark, words):
    found = devices.cuda("2.13.0+x", built_for, seen, available, kept_off)
    assert found.mark == mark and words in found.found


def test_a_gpu_by_its_capability_and_its_peak():
    assert devices.gpu(0, "NVIDIA H200", 150_000_000_000, (9, 0), 989.5e12) == ok(
        "GPU 0", "NVIDIA H200, 150 GB, compute capability 9.0, bf16, MFU against 990 TFLOP/s"
    )
    assert "MFU is not reported" in devices.gpu(1, "New", 1, (10, 0), None).found
    old = devices.gpu(0, "Tesla V100", 16_000_000_000, (7, 0), None)
    assert (old.mark, old.mend[:20]) == ("note", "train.precision=fp32")


def test_bf16_of_a_cpu(tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text("model name\t: X\nflags\t\t: avx2 avx512_bf16 sse\n")
    assert devices.cpu_flags(file) == {"avx2", "avx512_bf16", "sse"}
    assert devices.cpu_flags(tmp_path / "absent") == set()
    assert "bf16 in hardware" in devices.cpu(2, 10**10, {"avx512_bf16"}, trains=True).found
    assert devices.cpu(2, 10**10, {"avx2"}, trains=True).mark == "note"
    assert devices.cpu(2, 10**10, {"avx2"}, trains=False).mark == "ok"


@pytest.mark.parametrize(("needed", "mark"), [(True, "FAIL"), (False, "note")])
def test_what_compiles_is_missing(needed, mark, tmp_path):
    empty = str(tmp_path)
    made = [
        building.compiler("c++", empty, needed),
        building.compiler("", empty, needed),
        building.headers(empty, needed),
        building.ninja(empty, empty, needed),
    ]
    assert [found.mark for found in made] == [mark] * 4 and all(found.mend for found in made)


def test_the_operator_is_built_or_not(tmp_path):
    file = tmp_path / "op.so"
    assert building.cpu_operator(file, compile_it=False).mark == "note"
    file.touch()
    assert building.cpu_operator(file, compile_it=False).mark == "ok"


def test_an_operator_that_does_not_compile_is_a_failure_with_the_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("DS_ACCELERATOR", "cpu")
    monkeypatch.setenv("TORCH_EXTENSIONS_DIR", str(tmp_path))
    monkeypatch.setenv("CXX", str(tmp_path / "absent"))
    found = building.cpu_operator(tmp_path / "op.so", compile_it=True)
    assert found.mark == "FAIL" and "cannot be compiled" in found.found
    assert found.mend.endswith(building.AHEAD)


def test_room_in_shared_memory_and_on_disk(tmp_path):
    assert machine.shared_memory(tmp_path, 2, 1).mark == "ok"
    full = machine.shared_memory(tmp_path, 2, 10**18)
    assert full.mark == "FAIL" and "--shm-size" in full.mend
    assert machine.shared_memory(tmp_path / "absent", 2, 1).mark == "ok"
    assert str(tmp_path) in machine.disk(tmp_path / "not" / "yet").found
    assert machine.disk(Path(__file__)).mark == "FAIL"


def test_open_files_and_communication():
    marks = [machine.open_files(soft).mark for soft in (-1, 65536, 256)]
    assert marks == ["ok", "ok", "note"]
    assert machine.communication("NCCL", False, "").mark == "FAIL"


@pytest.mark.parametrize(
    ("error", "on_gpu", "mark", "mend"),
    [
        (ImportError("Requires Flash-Attention version >=2.7.1"), True, "FAIL", "flash_attn"),
        (OSError("libcudart.so.12: cannot open"), True, "FAIL", "--force-reinstall"),
        (OSError("libcudart.so.12: cannot open"), False, "note", "--force-reinstall"),
        (None, True, "note", "[gpu]"),
        (None, False, "ok", ""),
    ],
)
def test_xformers(error, on_gpu, mark, mend):
    def look():
        if error:
            raise error

    found = attention.xformers(look, on_gpu)
    assert found.mark == mark and mend in found.mend


def test_xformers_of_another_torch_is_refused():
    attention.refuse_torch("2.13.0+cpu", ["torch>=2.10", "numpy"])
    with pytest.raises(BadConfig, match="it wants torch >=2.10, here is 2.9.1"):
        attention.refuse_torch("2.9.1", ["torch>=2.10", "numpy"])


def test_an_attention_that_mixes_documents_is_seen():
    class Leaky:
        def prepare(self, lengths, device):
            return attention_of.prepare([sum(lengths)], device)

    from kormo_ds.model.attention import BACKENDS

    attention_of = BACKENDS["sdpa"]
    cpu = torch.device("cpu")
    assert attention.deviation(attention_of, cpu, torch.float32) < 2e-6
    worst = attention.deviation(Leaky(), cpu, torch.float32)
    assert attention.judge("sdpa", "x", worst, "float32").mark == "FAIL"
    assert attention.judge("sdpa", "x", float("nan"), "float32").mark == "FAIL"


def test_a_check_that_breaks_is_a_finding_and_the_next_is_made():
    def broken():
        raise ZeroDivisionError("by zero\nand more")

    def half():
        yield ok("a", "1")
        raise ImportError("no module named x")

    made = list(checks.examine([("b", broken), ("h", half), ("n", lambda: note("n", "", "m"))]))
    assert [(found.mark, found.what) for found in made] == [
        ("FAIL", "b"),
        ("ok", "a"),
        ("FAIL", "h"),
        ("note", "n"),
    ]
    assert made[0].found == "the check broke: ZeroDivisionError: by zero"


CASE = Case(1, True, "fp32", "cpu")


def test_what_deviates_is_named_with_its_bound():
    assert judge(CASE, [1e-7, 1e-7, 6e-7, 2e-5], "p") == ok(
        "ZeRO 1 overlap on, fp32",
        "as plain torch (loss 1e-07, gradient norm 1e-07, gradients 6e-07, weights 2e-05)",
    )
    found = judge(CASE, [1e-7, float("nan"), 0.5, 0.0], "lm_head.weight in step 2")
    assert found.mark == "FAIL" and "overlap_comm=false" in found.mend
    assert found.found == (
        "differs from plain torch: gradient norm nan (bound 1e-04), gradients 5.0e-01 "
        "(bound 1e-03), most at lm_head.weight in step 2"
    )


def test_each_stage_has_its_own_way_out():
    assert "stage=1 or 2" in cases.mend(Case(3, False, "fp32", "cpu"))
    assert "NCCL" in cases.mend(Case(0, None, "fp32", "gpu"))


def test_cases_of_a_gpu_have_bf16_and_are_runs_that_may_be():
    names = [case.name for case in cases.all_cases("gpu")]
    assert len(names) == len(set(names)) == 13 and "ZeRO 3 overlap on, bf16" in names
    for case in cases.all_cases("gpu"):
        assert case.run(8).zero_stage == case.stage


def test_numbers_that_are_summed_wrong_are_counted():
    told = {"wrong": 3, "seconds": 0.1, "bytes": 64_000_000, "ranks": 2}
    assert sums("s", told, "nccl").mark == "FAIL"
    assert sums("s", told | {"wrong": 0}, "gloo") == ok("s", "gloo: right, 64 MB in 100.0 ms")


def test_ranks_that_cannot_start_are_one_error_and_leave_nothing_behind(tmp_path):
    broken = {"PATH": "", "PYTHONPATH": "/nowhere", "PYTHONHOME": "/nowhere"}
    with pytest.raises(job.JobEnded, match=r"rank \d ended with 1: ") as raised:
        list(job.answers(tmp_path, [CASE], 2, broken))
    assert not raised.value.hangs


@pytest.mark.parametrize(
    ("errors", "codes", "words"),
    [
        ({0: ("RuntimeError: peer", True)}, [1, -9], "rank 1 was killed by SIGKILL: last words"),
        ({0: ("x: peer", True), 1: ("x: own", False)}, [1, 1], "rank 1: x: own"),
        ({0: ("x: own", False)}, [1, 1], "rank 0: x: own"),
        ({0: ("x: peer", True)}, [1, None], "rank 0: x: peer"),
    ],
)
def test_the_rank_that_is_the_cause_is_named(errors, codes, words, tmp_path):
    for rank, (error, lost) in errors.items():
        text = json.dumps({"error": error, "lost": lost})
        (tmp_path / f"error-{rank}.json").write_text(text)
    for rank in range(2):
        job.log_of(tmp_path, rank).write_text("first\nlast words\n\n")
    assert job.last_words(tmp_path, codes) == words


def test_ranks_that_say_nothing_are_ended(tmp_path):
    silent = {"PYTHONPATH": str(tmp_path / "path")}
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "sitecustomize.py").write_text("import signal; signal.pause()")
    with pytest.raises(job.JobEnded, match="no answer for 0 s") as raised:
        list(job.answers(tmp_path, [CASE], 1, silent, patience=0.0))
    assert raised.value.hangs


def test_a_note_without_a_way_out_is_our_mistake():
    with pytest.raises(AssertionError, match="how is it mended"):
        Finding("note", "x", "y")
