"""A run: composed of files and words, checked, written out and read back; its identity."""

from pathlib import Path

import pytest

from kormo_ds import project
from kormo_ds.compose import identity, load_run, to_yaml
from kormo_ds.errors import BadConfig, UnknownName

RUNS = sorted(project.files("ds_configs/run", ".yaml"))


@pytest.mark.parametrize("name", RUNS)
def test_every_shipped_run_loads_and_is_called_as_its_file(name):
    assert load_run(name).name == name


@pytest.mark.parametrize("name", RUNS)
def test_a_resolved_run_reads_back_equal(name, tmp_path: Path):
    run = load_run(name, ["optim.lr=0.5", "data.sequences=s3://bucket/rows"])
    (tmp_path / "run.yaml").write_text(to_yaml(run))
    assert load_run(str(tmp_path / "run.yaml")) == run


def test_words_stand_above_the_file_and_the_file_above_its_includes(tmp_path: Path):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "include: [zero/stage1, model/tiny]\n"
        "name: mine\n"
        "model: {vocab_size: 256, n_layers: 3}\n"
        "optim: {lr: 0.1}\n"
        "train: {steps: 1, tokens_per_step: 8, micro_batch_rows: 1}\n"
    )
    run = load_run(str(file), ["optim.lr=0.2", "deepspeed.zero_optimization.stage=2"])
    assert (run.model.hidden_size, run.model.n_layers) == (192, 3)
    assert (run.optim.lr, run.zero_stage, run.path) == (0.2, 2, Path("data/runs/mine"))


@pytest.mark.parametrize(
    ("word", "error", "message"),
    [
        ("optim.lrr=1", UnknownName, "unknown setting 'optim.lrr'; did you mean 'optim.lr'?"),
        ("steps=1", UnknownName, "unknown setting 'steps'; did you mean 'train.steps'?"),
        ("optim.lr=fast", BadConfig, "optim.lr: Value 'fast' of type 'str' could not be"),
        ("optim.lr=-1", BadConfig, "optim.lr = -1.0: it must be above 0"),
        ("optim.z_loss=-1", BadConfig, "optim.z_loss = -1.0: it must be 0 or more"),
        ("model.mlp_tile=-1", BadConfig, "model.mlp_tile = -1: it must be 0 or more"),
        ("model.mask=rows", BadConfig, "model.mask: Invalid value 'rows', expected one of"),
        ("model.norm=post", BadConfig, "model.norm: Invalid value 'post', expected one of"),
        ("optim.betas=[0.9,1.5]", BadConfig, "optim.betas = (0.9, 1.5): it must be each in [0, 1)"),
        ("schedule.shape=step", BadConfig, "schedule.shape: Invalid value 'step', expected one of"),
        ("schedule.warmup=0.95", BadConfig, "schedule.warmup + schedule.decay = 1.35: it must be"),
        ("train.sequence_parallel=0", BadConfig, "train.sequence_parallel = 0: it must be 1 or"),
        ("train.steps=0", BadConfig, "train.steps = 0: it must be 1 or more"),
        ("train.precision=fp16", BadConfig, "train.precision: Invalid value 'fp16', expected"),
        ("name=a/b", BadConfig, "name = 'a/b': it must be one word that can name a folder"),
        ("model=5", BadConfig, "Merge error: int is not a subclass of ModelConfig"),
        ("deepspeed.zero_optimization=3", BadConfig, "deepspeed.zero_optimization = 3: it must be"),
        ("optim", BadConfig, "'optim' is not a setting; write key=value"),
        (
            "deepspeed.gradient_clipping=1.0",
            BadConfig,
            "deepspeed.gradient_clipping follows from optim.clip; set that instead",
        ),
        (
            "deepspeed.zero_optimizatoin.stage=1",
            UnknownName,
            "unknown deepspeed key 'zero_optimizatoin'; did you mean 'zero_optimization'?",
        ),
        (
            "deepspeed.zero_optimization.reduce_bucket_size=auto",
            BadConfig,
            "deepspeed.zero_optimization.reduce_bucket_size = 'auto': it must be a value",
        ),
        (
            "deepspeed.zero_optimization.stage=4",
            BadConfig,
            "deepspeed.zero_optimization.stage = 4: it must be 0, 1, 2 or 3",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name_and_value(word, error, message):
    with pytest.raises(error) as raised:
        load_run("demo", [word])
    assert str(raised.value).startswith(message)


def test_what_is_missing_is_named(tmp_path: Path):
    (tmp_path / "bare.yaml").write_text("include: [model/tiny]\nname: bare\noptim: {lr: 1}\n")
    with pytest.raises(BadConfig, match="model.vocab_size is not set; set it in .*bare.yaml"):
        load_run(str(tmp_path / "bare.yaml"))


def test_bf16_without_masters_is_refused():
    with pytest.raises(BadConfig, match="train.precision = 'bf16' needs ZeRO stage 1, 2 or 3"):
        load_run("demo", ["train.precision=bf16", "deepspeed.zero_optimization.stage=0"])


def test_an_unknown_run_or_include_names_the_nearest(tmp_path: Path):
    with pytest.raises(UnknownName, match="unknown run 'dmeo'; did you mean 'demo'?"):
        load_run("dmeo")
    (tmp_path / "off.yaml").write_text("include: [zero/stage9]\n")
    with pytest.raises(UnknownName, match="unknown file to include 'zero/stage9'; did you mean"):
        load_run(str(tmp_path / "off.yaml"))


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("folder=elsewhere", True),
        ("data.sequences=elsewhere", True),
        ("train.micro_batch_rows=1", True),
        ("deepspeed.zero_optimization.stage=2", True),
        ("log.wandb=disabled", True),
        ("model.attention=dense", True),
        ("log.profile=2-3", True),
        ("model.checkpoint_blocks=true", True),
        ("model.mlp_tile=64", True),
        ("model.mask=causal", False),
        ("model.positions=document", False),
        ("model.norm=deepnorm", False),
        ("model.mtp_depth=1", False),
        ("optim.z_loss=1e-4", False),
        ("train.sequence_parallel=2", True),
        ("optim.lr=0.5", False),
        ("seed=1", False),
        ("model.n_layers=9", False),
        ("train.steps=9", False),
        ("train.precision=bf16", False),
    ],
)
def test_circumstance_is_not_identity(word, same):
    ours, other = load_run("demo"), load_run("demo", [word])
    assert (identity(ours) == identity(other)) is same


def test_identity_lists_the_settings_that_make_the_run():
    assert sorted(key for key in identity(load_run("demo")) if not key.startswith("model.")) == [
        "handover.checkpoint",
        "handover.data",
        "handover.optimizer",
        "handover.rng",
        "handover.run",
        "handover.schedule",
        "optim.betas",
        "optim.clip",
        "optim.eps",
        "optim.lr",
        "optim.weight_decay",
        "optim.z_loss",
        "schedule.decay",
        "schedule.final",
        "schedule.initial",
        "schedule.kind",
        "schedule.shape",
        "schedule.warmup",
        "seed",
        "train.batch_warmup",
        "train.precision",
        "train.steps",
        "train.tokens_per_step",
    ]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("deepspeed.zero_optimization.stage=3", "train.compile = True needs ZeRO stage 0, 1 or 2"),
        ("model.mlp_tile=64", "train.compile = True would unroll the tiles of model.mlp_tile = 64"),
    ],
)
def test_compiling_is_refused_where_it_cannot_be(word, message):
    with pytest.raises(BadConfig, match=message):
        load_run("demo", ["deepspeed.zero_optimization.stage=2", "train.compile=true", word])


def test_compiling_is_circumstance():
    plain = load_run("demo", ["deepspeed.zero_optimization.stage=2"])
    compiled = load_run("demo", ["deepspeed.zero_optimization.stage=2", "train.compile=true"])
    assert identity(plain) == identity(compiled)
