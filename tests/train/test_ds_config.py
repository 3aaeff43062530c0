"""What DeepSpeed is given: checked against the DeepSpeed that is installed."""

import pytest

from kormo_ds import project
from kormo_ds.compose import load_run
from kormo_ds.errors import UnknownName
from kormo_ds.train import ds_config
from kormo_ds.train.batches import plan

RUNS = sorted(project.files("ds_configs/run", ".yaml"))
STAGES = sorted(project.files("ds_configs/zero", ".yaml"))


def test_numbers_of_the_papers_10b_job():
    run = load_run("stage1_10b")
    made = ds_config.render(run, plan(run.train, 4096, 128))
    assert {key: value for key, value in made.items() if key != "zero_optimization"} == {
        "train_batch_size": 2048,
        "train_micro_batch_size_per_gpu": 2,
        "gradient_accumulation_steps": 8,
        "gradient_clipping": 1.0,
        "bf16": {"enabled": True},
        "data_types": {"grad_accum_dtype": "fp32"},
        "steps_per_print": 2**31 - 1,
    }


@pytest.mark.parametrize("name", RUNS)
def test_the_installed_deepspeed_accepts_every_shipped_run(name):
    from deepspeed.runtime.config import DeepSpeedConfig

    run = load_run(name)
    ds_config.check(run)
    batches = plan(run.train, 64, 1)
    read = DeepSpeedConfig(ds_config.render(run, batches))
    assert read.zero_optimization_stage == run.zero_stage
    assert read.gradient_accumulation_steps == batches.accumulation
    assert read.gradient_clipping == run.optim.clip


@pytest.mark.parametrize("name", STAGES)
def test_every_shipped_zero_block_is_known_and_keeps_overlap_off_below_stage_3(name, tmp_path):
    file = tmp_path / "one.yaml"
    file.write_text(
        f"include: [zero/{name}, model/tiny]\nname: one\nmodel: {{vocab_size: 128}}\n"
        "optim: {lr: 1}\n"
        "train: {steps: 1, tokens_per_step: 1, micro_batch_rows: 1, precision: fp32}\n"
    )
    run = load_run(str(file))
    ds_config.check(run)
    overlap = run.deepspeed["zero_optimization"].get("overlap_comm", False)
    assert overlap is (run.zero_stage == 3)


def test_an_unknown_zero_key_names_the_nearest():
    run = load_run("demo", ["deepspeed.zero_optimization.reduce_bucket=1"])
    with pytest.raises(UnknownName, match="did you mean 'reduce_bucket_size'?"):
        ds_config.check(run)
