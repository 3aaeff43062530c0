"""What transformers makes of an exported checkpoint: our logits, our tokens, our words."""

import json
import signal
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from kormo_ds.cli.eval import generate
from kormo_ds.cli.stream import visible
from kormo_ds.compose import load_run
from kormo_ds.errors import BadConfig, BadInput, Damaged
from kormo_ds.eval import checkpoint as trained
from kormo_ds.export import llama
from kormo_ds.model import Transformer
from kormo_ds.text import tokens

TEXT = "결제를 요청하면 3초 안에 답이 온다. It returns a Payment object."
FP32 = 1e-4
"""Two orders of the same fp32 sums; logits here have a standard deviation of 1.5."""
MATRICES = 3 * 7 + 1
"""Matrix products on the way to a logit. bf16 keeps 8 bits, so rounding moves a weight by at most a
share of 2⁻⁹, and with it, in the mean square, the product; shares add up along the way."""


def names(step):
    return [name for name, _ in Transformer(trained.read(step).run.model).named_parameters()]


def ours(step, ids, rounded=False):
    model = trained.read(step).model(device=torch.device("cpu"))
    if rounded:
        for value in model.parameters():
            value.copy_(value.bfloat16().float())
    return model.logits(torch.tensor(ids), torch.arange(len(ids)), [len(ids)])


@torch.no_grad()
def theirs(folder, ids, dtype):
    model, said = AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, trust_remote_code=False, output_loading_info=True
    )
    assert not any(said.values()), said
    assert type(model).__name__ == "LlamaForCausalLM"
    return model(torch.tensor([ids])).logits[0]


def test_logits_in_fp32_are_ours(write, tmp_path):
    step = write()
    for shard in (step / "weights").glob("*.safetensors"):
        shard.chmod(0o640)
    done = llama.export(step.parent.parent, tmp_path / "out", "fp32")
    n = sum(value.numel() for value in Transformer(trained.read(step).run.model).parameters())
    assert (done.checkpoint, done.n_parameters, done.left_out) == (step, n, 0)
    ids = AutoTokenizer.from_pretrained(tmp_path / "out")(TEXT)["input_ids"]
    wanted, found = ours(step, ids), theirs(tmp_path / "out", ids, "auto")
    assert found.dtype == torch.float32 and wanted.std() > 0.5
    torch.testing.assert_close(found, wanted, rtol=FP32, atol=FP32)
    settings = load_run(str(tmp_path / "out" / "kormo_run.yaml")).model
    assert settings == trained.read(step).run.model
    shards = list((tmp_path / "out").glob("model-*.safetensors"))
    assert [shard.stat().st_mode & 0o777 for shard in shards] == [0o640, 0o640]


def test_logits_in_bf16_are_ours_but_for_its_rounding(write, tmp_path):
    step = write()
    llama.export(step, tmp_path / "out")
    ids = AutoTokenizer.from_pretrained(tmp_path / "out")(TEXT)["input_ids"]
    exact, rounded = ours(step, ids), ours(step, ids, rounded=True)
    torch.testing.assert_close(
        theirs(tmp_path / "out", ids, torch.float32), rounded, rtol=FP32, atol=FP32
    )

    def deviation(logits):
        return float((logits.float() - exact).square().mean().sqrt() / exact.square().mean().sqrt())

    weights = MATRICES * 2**-9
    assert 1e-4 < deviation(rounded) < weights
    found = theirs(tmp_path / "out", ids, "auto")
    assert found.dtype == torch.bfloat16
    assert deviation(found) < 2 * weights, "activations are rounded as often as weights"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "",
        "  띄어 쓰기\n\n\t탭과 ① ㎏ e\u0301 👩‍👩‍👧 12345",
        "읽기 <think>생각</think> <tool_call>{}</tool_call>",
        "<|BOS|>한 번 <|EOS|> <|PAD|> <|BOT|> <|EOT|>",
    ],
)
def test_the_tokenizer_gives_our_ids(write, tmp_path, text):
    step = write()
    llama.export(step, tmp_path / "out")
    theirs, words = AutoTokenizer.from_pretrained(tmp_path / "out"), trained.read(step).vocabulary
    [encoding] = words.encode([text])
    assert theirs(text)["input_ids"] == [words.bos, *encoding.ids]
    assert theirs(text, add_special_tokens=False)["input_ids"] == encoding.ids
    assert theirs.decode(encoding.ids) == text
    assert set(theirs(text)) == {"input_ids", "attention_mask"}


def test_special_tokens_are_known_by_name(write, tmp_path):
    llama.export(write(), tmp_path / "out")
    found = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert (found.bos_token, found.eos_token, found.pad_token) == (
        tokens.BOS,
        tokens.EOS,
        tokens.PAD,
    )
    assert (found.bos_token_id, found.eos_token_id, found.pad_token_id) == (320, 321, 322)
    settings = json.loads((tmp_path / "out" / "tokenizer_config.json").read_text())
    assert settings["model_input_names"] == ["input_ids", "attention_mask"]
    assert found("a<|EOS|>", split_special_tokens=False)["input_ids"][-1] == 321
    assert found.decode([320, *found.encode("가나", add_special_tokens=False), 321, 322],
                        skip_special_tokens=True) == "가나"  # fmt: skip


def test_transformers_writes_what_kormo_generate_writes(write, tmp_path, capsys):
    step = write()
    llama.export(step, tmp_path / "out", "fp32")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    settings = model.generation_config
    ids = (settings.bos_token_id, settings.eos_token_id, settings.pad_token_id)
    assert ids == (320, 321, 322) and not settings.do_sample
    assert settings.suppress_tokens == list(range(331, 384)), "rows that no token has"
    for prompt in ("바다는", "The harbour", "<|EOS|>"):
        found = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=48)[0]
        text = tokenizer.decode(found[1:], skip_special_tokens=True)
        generate(str(step), prompt, ["max_tokens=48"])
        assert capsys.readouterr().out == f"{visible(text)}\n"


def test_bf16_is_the_default_and_heads_that_look_ahead_are_left_out(write, tmp_path):
    step, plain = write(mtp_depth=1), write(name="plain")
    done = llama.export(step, tmp_path / "out")
    assert done.left_out == sum(name.startswith("mtp.") for name in names(step)) > 0
    values = {}
    for shard in (tmp_path / "out").glob("*.safetensors"):
        values |= load_file(shard)
    assert set(values) == {llama.renamed(name) for name in names(plain)}
    assert {value.dtype for value in values.values()} == {torch.bfloat16}
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["torch_dtype"], config["eos_token_id"]) == ("bfloat16", 321)
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"{done.left_out} tensors of multi-token prediction" in card


@pytest.mark.parametrize("norm", ["mix", "deepnorm"])
def test_a_model_that_is_no_llama_is_refused(write, tmp_path, norm):
    step = write(norm=norm, n_layers=4)
    with pytest.raises(BadConfig, match=f"model.norm = '{norm}' of .* is not Llama's"):
        llama.export(step, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_there_stays_and_what_is_damaged_is_not_exported(write, tmp_path):
    step = write()
    (tmp_path / "out").mkdir()
    with pytest.raises(BadInput, match="out is there already; remove it"):
        llama.export(step, tmp_path / "out")
    with pytest.raises(BadInput, match="no checkpoint at"):
        llama.export(tmp_path / "nothing", tmp_path / "other")
    file = step / "weights" / "model-1.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Damaged, match="has .* bytes instead of"):
        llama.export(step, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_an_export_that_is_interrupted_leaves_nothing(write, tmp_path):
    step = write()
    n = 0

    def advance(more=1, *, total=None):
        nonlocal n
        n += more
        if n == 12:
            assert (tmp_path / "out.part" / "model-1.safetensors").exists()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        llama.export(step, tmp_path / "out", advance=advance)
    assert not list(tmp_path.glob("out*"))


def test_an_export_that_is_killed_does_not_look_whole(write, tmp_path):
    step = write()
    last = len(names(step))
    code = f"""
import os, signal, sys
from pathlib import Path
from kormo_ds.export import llama
assert "deepspeed" not in sys.modules, "reading a checkpoint needs none"
n = 0
def advance(more=1, *, total=None):
    global n
    n += more
    if n == {last}:
        os.kill(os.getpid(), signal.SIGKILL)
llama.export(r"{step}", Path(r"{tmp_path / "out"}"), advance=advance)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "out.part" / "model-1.safetensors").exists()
    with pytest.raises((OSError, ValueError), match="config.json"):
        AutoConfig.from_pretrained(tmp_path / "out.part")
    (tmp_path / "out.part" / "model-9.safetensors").write_bytes(b"half")
    llama.export(step, tmp_path / "out")
    assert not (tmp_path / "out.part").exists()
    assert not (tmp_path / "out" / "model-9.safetensors").exists()
