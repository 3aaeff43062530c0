"""What transformers makes of an exported checkpoint: our logits and our tokens."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kormo_ds.compose import load_run, to_yaml
from kormo_ds.config import ModelConfig, OptimConfig, Run, TrainConfig
from kormo_ds.errors import BadConfig, BadInput, Damaged
from kormo_ds.export import llama
from kormo_ds.model import Transformer, init_weights
from kormo_ds.text import tokens
from kormo_ds.train import manifest

SHAPE = ModelConfig(
    vocab_size=384,
    hidden_size=48,
    ffn_size=80,
    n_layers=3,
    n_heads=4,
    n_kv_heads=2,
    head_dim=16,
    norm_eps=1e-4,
    rope_theta=7_000.0,
    init_std=0.2,
)
TEXT = "결제를 요청하면 3초 안에 답이 온다. It returns a Payment object."


def checkpoint(folder: Path, model: ModelConfig = SHAPE) -> Path:
    """A complete checkpoint of random weights in two shards, with a tokenizer of bytes."""
    from safetensors.torch import save_file
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    step = manifest.folder_of(folder / "checkpoints", 7)
    (step / "weights").mkdir(parents=True)
    made = Transformer(model)
    init_weights(made, 5)
    with torch.no_grad():
        for name, value in made.named_parameters():
            if "norm" in name:
                value.mul_(torch.linspace(0.5, 1.5, len(value)))
    values = made.state_dict()
    names = sorted(values)
    shards = {"model-1.safetensors": names[:9], "model-2.safetensors": names[9:]}
    for file, held in shards.items():
        save_file({name: values[name] for name in held}, step / "weights" / file)
    where = {name: file for file, held in shards.items() for name in held}
    (step / "weights" / llama.INDEX).write_text(json.dumps({"weight_map": where}))
    run = Run(
        name="small",
        model=model,
        optim=OptimConfig(lr=1e-3),
        train=TrainConfig(steps=1, tokens_per_step=8, micro_batch_rows=1, precision="fp32"),
    )
    (step / "run.yaml").write_text(to_yaml(run))
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(token, special=True) for token in tokens.SPECIAL_TOKENS])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{tokens.BOS} $A", special_tokens=[(tokens.BOS, 256)]
    )
    (step / "tokenizer.json").write_bytes(tokenizer.to_str().encode())
    manifest.commit(step, manifest.share(step, 0, 1))
    return step


def ours(step: Path, ids: list[int]) -> torch.Tensor:
    from kormo_ds.eval import checkpoint as trained

    model = trained.read(step).model(device=torch.device("cpu"))
    return model.logits(torch.tensor(ids), torch.arange(len(ids)), [len(ids)])


def test_logits_and_tokens_are_the_same_in_transformers(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    step = checkpoint(tmp_path / "run")
    done = llama.export(tmp_path / "run", tmp_path / "out", "fp32")
    n = sum(value.numel() for value in Transformer(SHAPE).parameters())
    assert (done.checkpoint, done.n_parameters, done.left_out) == (step, n, 0)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    ids = tokenizer(TEXT)["input_ids"]
    [encoding] = tokens.load(str(step / "tokenizer.json")).encode([TEXT])
    assert ids == [256, *encoding.ids] and tokenizer.decode(ids[1:]) == TEXT
    specials = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
    assert specials == (256, 257, 258)
    model, said = AutoModelForCausalLM.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert not said["missing_keys"] and not said["unexpected_keys"]
    assert model.dtype == torch.float32 and type(model).__name__ == "LlamaForCausalLM"
    with torch.no_grad():
        theirs = model(torch.tensor([ids])).logits[0]
    wanted = ours(step, ids)
    assert wanted.std() > 0.5
    torch.testing.assert_close(theirs, wanted, rtol=1e-4, atol=1e-4)
    assert load_run(str(tmp_path / "out" / "kormo_run.yaml")).model == SHAPE


def test_bf16_is_the_default_and_heads_that_look_ahead_are_left_out(tmp_path):
    from safetensors.torch import load_file

    checkpoint(tmp_path / "run", replace(SHAPE, mtp_depth=1))
    done = llama.export(tmp_path / "run", tmp_path / "out")
    left = [name for name, _ in Transformer(replace(SHAPE, mtp_depth=1)).named_parameters()]
    assert done.left_out == sum(name.startswith("mtp.") for name in left) > 0
    values = {}
    for shard in (tmp_path / "out").glob("*.safetensors"):
        values |= load_file(shard)
    names = {llama.renamed(name) for name, _ in Transformer(SHAPE).named_parameters()}
    assert set(values) == names
    assert {value.dtype for value in values.values()} == {torch.bfloat16}
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["torch_dtype"], config["eos_token_id"]) == ("bfloat16", 257)


@pytest.mark.parametrize("norm", ["mix", "deepnorm"])
def test_a_model_that_is_no_llama_is_refused(tmp_path, norm):
    checkpoint(tmp_path / "run", replace(SHAPE, norm=norm, n_layers=4))
    with pytest.raises(BadConfig, match=f"model.norm = '{norm}' of .* is not Llama's"):
        llama.export(tmp_path / "run", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_there_stays_and_what_is_damaged_is_not_exported(tmp_path):
    step = checkpoint(tmp_path / "run")
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


def test_an_export_that_was_cut_off_is_written_anew(tmp_path):
    step = checkpoint(tmp_path / "run")
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "model-9.safetensors").write_bytes(b"half")
    llama.export(step, tmp_path / "out")
    assert not (tmp_path / "out.part").exists()
    assert not (tmp_path / "out" / "model-9.safetensors").exists()
    shutil.rmtree(tmp_path / "out")
