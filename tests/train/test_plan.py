"""`kormo plan`: what it says of the shipped runs, and what it refuses."""

import xml.etree.ElementTree as ElementTree

import pytest

from kormo_ds import project
from kormo_ds.cli.chart import svg, text
from kormo_ds.cli.plan import plan
from kormo_ds.errors import BadConfig, BadInput, UnknownName

RUNS = sorted(project.files("ds_configs/run", ".yaml"))


@pytest.fixture
def planned(tmp_path, monkeypatch, capsys):
    """What the command prints, in a folder without a lake."""
    monkeypatch.chdir(tmp_path)

    def planned(*words, **more):
        plan([*words], **more)
        return capsys.readouterr().out

    return planned


def test_the_papers_10b_run_on_8_gpus(planned):
    lines = planned("stage1_10b", "ranks=8").splitlines()
    assert lines[:9] == [
        "run stage1_10b: 8 ranks, ZeRO 2, bf16",
        "",
        "parameters     10,756,624,384",
        "               10,243,538,944 in matrices (decayed), 512,753,664 in the embedding",
        "data           no sequences 'stage1' yet: rows of 4,096 tokens (length=…)",
        "length         119,209 steps, 999,997,571,072 tokens",
        "a step         2,048 rows = 8,388,608 tokens: 2 rows × 128 micro-batches × 8 ranks",
        "learning rate  wsd: 3,577 steps up (30.01B tokens), 103,711 at 0.0007, 11,921 down "
        "(100.00B), the last at 1.22e-11",
        "time           6,100 hours (254 days), 48,800 device hours, on 8 × NVIDIA H100 80GB HBM3 "
        "at 40 % MFU: 5,693 tokens a second each",
    ]
    assert lines[-12:] == [
        "memory of a rank  GB",
        "----------------  -----",
        "weights           21.5",
        "gradients         5.4",
        "optimiser         16.1",
        "buffers           0.4",
        "activations       70.0",
        "logits            3.1",
        "total             116.5",
        "for a GPU, without its context, NCCL and fragmentation (2 to 5 GB)",
        "",
        "disk: 129.1 GB a checkpoint, 516.3 GB at most for 3 kept",
    ]


def test_hours_and_cost_at_what_the_user_states(planned):
    said = planned("stage1_10b", "ranks=512", "device=H200", "mfu=0.35", "price=2.5")
    assert (
        "time           109 hours (4.54 days), 55,800 device hours, on 512 × NVIDIA H200 at 35 % "
        "MFU: 4,982 tokens a second each\n"
        "cost           139,000, at 2.5 an hour\n"
    ) in said


def test_the_chart_of_a_small_run(planned):
    """Nine steps of eight columns each, five of them up."""
    words = ("smoke", "ranks=2", "length=512", "train.steps=9", "schedule.kind=constant")
    lines = planned(*words, "schedule.warmup=0.5").splitlines()
    chart = [line.replace("\u2800", " ").rstrip() for line in lines if "│" in line]
    assert chart == [
        "     0.001 │" + " " * 31 + "⢰" + "⠉" * 40,
        "           │" + " " * 23 + "⢀" + "⠤" * 7 + "⠼",
        "           │" + " " * 23 + "⢸",
        "           │" + " " * 15 + "⢰" + "⠉" * 8,
        "           │" + " " * 8 + "⣀" * 7 + "⣸",
        "           │" + " " * 7 + "⢸",
        "           │" + "⠒" * 7 + "⠚",
        "         0 │",
    ]


@pytest.mark.parametrize("name", RUNS)
def test_every_shipped_run_can_be_planned(planned, name):
    assert f"run {name}: 2 ranks" in planned(name, "ranks=2", "length=512")


def test_rows_that_are_there_give_length_and_epochs(planned, sequences):
    words = (f"data.sequences={sequences}", "train.tokens_per_step=256", "train.steps=29")
    said = planned("smoke", "ranks=2", "model.vocab_size=128", *words)
    assert f"data           29 rows of 32 tokens in '{sequences}'\n" in said
    assert "length         29 steps, 7,424 tokens, 8 epochs\n" in said
    with pytest.raises(BadConfig, match="length = 64, but rows of .* have 32; leave it out"):
        planned("smoke", "length=64", f"data.sequences={sequences}")


def test_a_batch_warm_up_is_laid_out(planned):
    said = planned(
        *("smoke", "ranks=2", "length=512", "train.steps=100"),
        "train.batch_warmup=[[0,0.25],[0.1,1]]",
    )
    assert "length         100 steps, 757,760 tokens\n" in said
    assert (
        "a step         from step 0: 4 rows = 2,048 tokens: 2 rows × 1 micro-batches × 2 ranks\n"
        "               from step 10: 16 rows = 8,192 tokens: 2 rows × 4 micro-batches × 2 ranks\n"
    ) in said


def test_the_curve_as_svg(planned, tmp_path):
    said = planned("demo", "ranks=2", "length=512", svg=tmp_path / "rate.svg")
    assert f"{tmp_path / 'rate.svg'} written" in said
    root = ElementTree.fromstring((tmp_path / "rate.svg").read_text())
    words = [node.text for node in root if node.tag.endswith("text")]
    assert words == ["demo: learning rate over tokens", "0.008", "0", "0", "983,040 tokens"]
    with pytest.raises(BadInput, match="there is no folder .*none for rate.svg; make it first"):
        planned("demo", "ranks=2", "length=512", svg=tmp_path / "none" / "rate.svg")


def test_lines_of_dots_and_of_a_polyline():
    assert text([0, 10, 10, 10, 5, 5, 0, 0], 3, 10) == ["⡎⢹⠀⠀", "⡇⠈⢲⠀", "⡇⠀⠸⣀"]
    assert 'points="90.0,340.0 430.0,50.0 770.0,195.0"' in svg([0, 2, 1], 2, ("2", "0", "9"), "a&b")
    assert ">a&amp;b<" in svg([0, 2, 1], 2, ("2", "0", "9"), "a&b")


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["demos"], UnknownName, "unknown run 'demos'; did you mean 'demo'?"),
        (["demo", "ranks=two"], BadConfig, "ranks = 'two': it must be a whole number, 1 or more"),
        (["demo", "length=0"], BadConfig, "length = '0': it must be a whole number, 1 or more"),
        (["ranks=2"], BadConfig, "name one run, e.g.: kormo plan stage1_10b ranks=8"),
        (
            ["stage1_10b", "mfu=1.2"],
            BadConfig,
            "mfu = '1.2': it must be a number above 0 and at most 1",
        ),
        (
            ["stage1_10b", "mfu=40%"],
            BadConfig,
            "mfu = '40%': it must be a number above 0 and at most 1",
        ),
        (["stage1_10b", "price=0"], BadConfig, "price = '0': it must be a number above 0"),
        (["stage1_10b", "device=H300"], UnknownName, "unknown device 'H300'; did you mean 'H100'?"),
        (
            ["demo", "ranks=2", "length=512", "device=B200"],
            BadConfig,
            "device=B200: its peak in fp32 is not in",
        ),
        (["demo", "smoke"], BadConfig, "name one run, e.g.: kormo plan stage1_10b ranks=8"),
        (["demo", "rank=2"], UnknownName, "unknown setting 'rank'"),
        (
            ["demo", "ranks=3", "length=512"],
            BadConfig,
            "train.tokens_per_step = 4096 is 8 rows, which train.micro_batch_rows = 4 on 3 ranks",
        ),
    ],
)
def test_what_cannot_be_planned(planned, words, error, message):
    with pytest.raises(error) as raised:
        planned(*words)
    assert str(raised.value).startswith(message)
