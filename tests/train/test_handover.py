"""From any ZeRO stage on any number of ranks to any other: the same parameters, the same next loss.

Runs of two steps at every stage, on one rank and on two. Each is gone on with for two steps at the
other world size and another stage (a reshard: the same run), and handed over to a new run.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from kormo_ds.train.checksums import add_up

SOURCES = [(world, stage) for world in (1, 2) for stage in (0, 1, 2, 3)]
TWO = ("train.steps=4", "checkpoint.every=1")


def run(job, cases, world):
    codes, errors, output = job.run(*cases, world=world)
    assert (codes, errors) == ([0] * world, [[None] * len(cases)] * world), output
    return output


@pytest.fixture(scope="module")
def sources(job):
    """Runs `from-WORLD-STAGE`, whose steps 0 to 3 are done; copies `at2-…` end after two."""
    for world in (1, 2):
        run(job, [job.case(f"from-{w}-{s}", s, *TWO) for w, s in SOURCES if w == world], world)
    for world, stage in SOURCES:
        runs = job.folder / f"from-{world}-{stage}"
        for target in (1, 2):
            copy = job.folder / f"to-{target}-{world}-{stage}"
            shutil.copytree(runs, copy)
            for step in (3, 4):
                shutil.rmtree(copy / "checkpoints" / f"step-{step:06d}")
            (copy / "summary.json").unlink()
    return job


def other(stage: int, target: int) -> int:
    """Every stage follows every other one, over the two world sizes."""
    return (stage + target) % 4


@pytest.fixture(scope="module")
def resharded(sources):
    """Each gone on with at another stage, on one rank and on two; the jobs' output."""
    outputs = {}
    for target in (1, 2):
        cases = [
            sources.case(f"to-{target}-{world}-{stage}", other(stage, target), *TWO)
            for world, stage in SOURCES
        ]
        outputs[target] = run(sources, cases, target)
    return sources, outputs


@pytest.mark.parametrize("target", [1, 2])
@pytest.mark.parametrize(("world", "stage"), SOURCES)
def test_a_run_goes_on_at_any_stage_on_any_ranks(resharded, target, world, stage):
    job, _ = resharded
    whole, parts = job.losses(f"from-{world}-{stage}"), job.losses(f"to-{target}-{world}-{stage}")
    assert parts[:2] == whole[:2]
    for (step, loss, norm), wanted in zip(parts[2:], whole[2:], strict=True):
        assert step == wanted[0]
        assert (loss, norm) == (
            pytest.approx(wanted[1], rel=1e-6),
            pytest.approx(wanted[2], rel=1e-5),
        )


def test_what_was_loaded_is_proved_and_said(resharded):
    _, outputs = resharded
    for target, output in outputs.items():
        proved = re.findall(r"(\d+) parameters have the checksums of \S+/step-000002", output)
        assert proved == ["21"] * len(SOURCES)
        losses = re.findall(r"evaluation loss (\S+) there, (\S+) here\n", output)
        assert len(losses) == len(SOURCES) and all(there == here for there, here in losses)
        assert f", {target} ranks at ZeRO 3 (before: {3 - target} at ZeRO" in output


def test_a_resharded_checkpoint_holds_the_same_bits(sources):
    """Loaded and written again at another stage and world size, without a step between."""
    name = "same-bits"
    source = sources.checkpoint("from-1-2", 2)
    words = ("train.steps=2", "checkpoint.every=1", "handover.run=from-1-2", "optim.lr=1e-30")
    words += ("handover.checkpoint=2", "handover.optimizer=keep", "optim.weight_decay=0")
    run(sources, [sources.case(name, 3, *words)], 2)
    first = sources.checkpoint(name, 1)
    [here], [there] = ((f / "weights").glob("*.safetensors") for f in (first, source))
    assert here.read_bytes() == there.read_bytes()
    stated = [json.loads((folder / "checksums.json").read_text()) for folder in (first, source)]
    assert stated[0]["weights"] == stated[1]["weights"]
    assert stated[0]["exp_avg"] != stated[1]["exp_avg"]


def test_fp32_masters_of_a_bf16_run_pass_unrounded(sources):
    """Written at stage 1, read at 3, 2 and by an fp32 run, and written again."""
    bf16 = ("train.precision=bf16", "checkpoint.every=1")
    run(sources, [sources.case("master", 1, *bf16, "train.steps=2")], 2)
    still = ("train.steps=1", "optim.lr=1e-30", "optim.weight_decay=0", "handover.run=master")
    heirs = [
        ("master-bf16-3", 3, bf16),
        ("master-bf16-2", 2, bf16),
        ("master-fp32-0", 0, ("checkpoint.every=1",)),
    ]
    output = run(sources, [sources.case(n, stage, *w, *still) for n, stage, w in heirs], 1)
    [file] = (sources.checkpoint("master", 2) / "weights").glob("*.safetensors")
    master = load_file(file)["lm_head.weight"]
    assert not torch.equal(master, master.bfloat16().float())
    for name, *_ in heirs:
        [copy] = (sources.checkpoint(name, 1) / "weights").glob("*.safetensors")
        assert copy.read_bytes() == file.read_bytes()
    assert "here, with train.precision bf16 → fp32" in output


def test_items_are_kept_or_reset_as_the_run_says(sources):
    def case(name, *words):
        handed = ("handover.run=from-2-1", "handover.checkpoint=2", "train.steps=2")
        return sources.case(name, 2, *handed, "checkpoint.every=1", *words)

    everything = [f"handover.{key}=keep" for key in ("optimizer", "schedule", "data", "rng")]
    cases = [case("kept", *everything), case("reset"), case("optimizer", everything[0])]
    run(sources, cases, 2)
    whole = sources.metrics("from-2-1")
    kept, reset, moments = (sources.metrics(name) for name in ("kept", "reset", "optimizer"))
    for line, wanted in zip(kept, whole[2:], strict=True):
        assert (line["loss"], line["lr"]) == (pytest.approx(wanted["loss"], rel=1e-6), wanted["lr"])
    assert kept[0]["epoch"] == whole[2]["epoch"]
    state = json.loads((sources.checkpoint("kept", 2) / "state.json").read_text())
    assert (state["adam_steps"], state["schedule_start"], state["data_start"]) == (4, 2, 16)
    state = json.loads((sources.checkpoint("reset", 2) / "state.json").read_text())
    assert (state["adam_steps"], state["schedule_start"], state["data_start"]) == (2, 0, 0)
    assert moments[0]["loss"] == reset[0]["loss"] != kept[0]["loss"]
    assert moments[1]["loss"] != reset[1]["loss"]


def test_a_checkpoint_names_all_its_ancestors_and_what_passed_between_them(sources):
    def case(name, *words):
        return sources.case(name, 1, "train.steps=2", "checkpoint.every=1", *words)

    run(sources, [case("child", "handover.run=from-1-3", "handover.checkpoint=step-000004")], 1)
    run(sources, [case("grandchild", "handover.run=child", "handover.optimizer=keep")], 1)
    state = json.loads((sources.checkpoint("grandchild", 2) / "state.json").read_text())
    ancestors = [(one["run"], one["steps"], one["tokens"]) for one in state["lineage"]]
    assert ancestors == [("child", 2, 512), ("from-1-3", 4, 1024)]
    assert state["lineage"][0]["handover"] == {
        "optimizer": "keep",
        "schedule": "reset",
        "data": "reset",
        "rng": "reset",
    }
    data = [{"from_step": 0, "mixture": "", "sequences": "tiny" * 16}]
    assert [one["data"] for one in state["lineage"]] == [data, data]
    assert state["data"] == data


def test_what_cannot_be_handed_over_is_refused_on_every_rank(sources, other_sequences):
    def case(*words, run="from-2-2"):
        return sources.case("refused", 2, f"handover.run={run}", *words)

    theirs = sources.folder / "theirs"
    (theirs / "global_step100").mkdir(parents=True)
    (theirs / "latest").write_text("global_step100")
    (sources.folder / "empty").mkdir()
    newest = sources.checkpoint("from-2-2", 4)
    other = f"data.sequences={other_sequences}"
    cases = [
        (case(run="from-2-9"), "unknown run to hand over from 'from-2-9'; did you mean 'from-2-"),
        (case(run="refused"), "handover.run = 'refused' is this run itself"),
        (case(run=str(theirs)), f"{theirs} holds DeepSpeed's own files (latest), which fit one"),
        (case(run="empty"), f"{sources.folder / 'empty'} has no weights/model.safetensors.index"),
        (
            case("handover.checkpoint=7"),
            "run 'from-2-2' has no complete checkpoint after 7 steps; it has: 1, 2, 3, 4",
        ),
        (
            case("handover.data=keep", other),
            f"handover.data=keep needs the sequences of {newest} (tinytinytiny), and",
        ),
        (case("handover.data=keep", "seed=1"), "handover.data=keep needs the same order of rows"),
        (
            case("handover.rng=keep", run="from-1-2"),
            f"handover.rng=keep needs as many ranks as {sources.checkpoint('from-1-2', 4)} had, 1,",
        ),
        (
            case("model.ffn_size=32"),
            f"{newest / 'weights'} holds another model: layers.0.mlp.down_proj.weight is [32, 64],",
        ),
        (case("handover.checkpoint=last"), "handover.checkpoint = 'last': it must be newest, or"),
        (case("handover.rng=keep", run="''"), "handover.rng = 'keep': it must be reset without"),
    ]
    codes, errors, output = sources.run(*(one for one, _ in cases))
    assert codes == [0, 0] and errors[0] == errors[1], output
    for told, (_, expected) in zip(errors[0], cases, strict=True):
        assert told and told.startswith(expected), (told, expected)


def test_a_parameter_that_is_not_the_one_written_is_found(sources):
    copy = sources.folder / "changed"
    shutil.copytree(sources.folder / "from-2-3", copy)
    folder = copy / "checkpoints" / "step-000004"
    [file] = (folder / "weights").glob("*.safetensors")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1  # of the last parameter
    file.write_bytes(content)
    manifest_of(folder)
    case = sources.case("heir", 1, "handover.run=changed")
    _, errors, _ = sources.run(case)
    assert errors[0] == errors[1]
    assert re.match(r"after reading \S+step-000004, 1 of 21 parameters are not", errors[0][0])


def test_a_model_that_computes_something_else_is_found(sources):
    copy = sources.folder / "drifted"
    shutil.copytree(sources.folder / "from-2-3", copy)
    folder = copy / "checkpoints" / "step-000004"
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(state | {"probe_loss": 4.0}))
    manifest_of(folder)
    cases = [
        sources.case("drifted-on", 1, "handover.run=drifted"),
        sources.case("turned", 1, "handover.run=drifted", "model.rope_theta=10000"),
    ]
    _, errors, output = sources.run(*cases)
    assert re.match(r"the evaluation loss of \S+ was 4.000000 when it was written", errors[0][0])
    assert errors[0][1] is None
    assert "here, with model.rope_theta 500000.0 → 10000.0" in output


def manifest_of(folder: Path) -> None:
    """A manifest for what the folder holds now."""
    from kormo_ds.run_record import manifest

    (folder / "manifest.json").unlink()
    manifest.commit(folder, manifest.share(folder, 0, 1))


def test_a_checksum_sees_places_signs_and_every_bit():
    values = torch.tensor([1.0, 2.0, 0.0, -3.5])
    sums = [
        int(add_up(values)),
        int(add_up(values[[1, 0, 2, 3]])),
        int(add_up(torch.tensor([1.0, 2.0, -0.0, -3.5]))),
        int(add_up(torch.nextafter(values, torch.tensor(9.0)))),
    ]
    assert len(set(sums)) == 4
    assert int(add_up(values[:1])) + int(add_up(values[1:], 1)) == sums[0]
    bits = values.view(torch.int32).tolist()
    assert sums[0] == sum(bit * (2 * i + 1) for i, bit in enumerate(bits))
