"""Complete checkpoints of random weights, as training writes them, with a real tokenizer."""

import json
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import pre_tokenizers, trainers

from kormo_ds.compose import to_yaml
from kormo_ds.config import DataConfig, ModelConfig, OptimConfig, Run, TrainConfig, ValidationConfig
from kormo_ds.model import Transformer, init_weights
from kormo_ds.run_record import manifest
from kormo_ds.run_record.state import FILE, State
from kormo_ds.text import tokens
from kormo_ds.tokenizer.train import add_special_tokens, blank

torch.set_num_threads(1)
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
    max_positions=4096,
)
TEXT = "결제를 요청하면 3초 안에 답이 온다. It returns a Payment object."
STATE = State(
    step=7,
    tokens=56,
    seconds=36.0,
    first_loss=6.25,
    last_loss=5.5,
    run_id="0a1b2c3d",
    sequences="f00d",
    data=[{"from_step": 0, "mixture": "web@1", "sequences": "f00d"}],
    world=2,
    zero_stage=3,
)


@pytest.fixture(scope="session")
def tokenizer():
    """320 tokens of this text's merges over bytes, then the special ones: BOS is 320."""
    made = blank()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(
        [TEXT, "바다는 아침마다 다른 빛깔이다. The harbour wakes."] * 9, trainer
    )
    add_special_tokens(made)
    assert made.token_to_id(tokens.BOS) == 320
    return made.to_str().encode()


@pytest.fixture
def write(tmp_path, tokenizer):
    """write(…) makes a checkpoint of two shards, the model with these settings; its folder."""

    def write(state=STATE, name="small", **settings):
        model = replace(SHAPE, **settings)
        step = manifest.folder_of(tmp_path / name / "checkpoints", state.step)
        (step / "weights").mkdir(parents=True)
        made = Transformer(model)
        init_weights(made, 5)
        with torch.no_grad():
            for parameter, value in made.named_parameters():
                if "norm" in parameter:
                    value.mul_(torch.linspace(0.5, 1.5, len(value)))
        values = made.state_dict()
        names = sorted(values)
        shards = {"model-1.safetensors": names[:9], "model-2.safetensors": names[9:]}
        for file, held in shards.items():
            save_file({one: values[one] for one in held}, step / "weights" / file)
        where = {one: file for file, held in shards.items() for one in held}
        index = step / "weights" / "model.safetensors.index.json"
        index.write_text(json.dumps({"weight_map": where}))
        run = Run(
            name=name,
            folder=str(tmp_path),
            model=model,
            data=DataConfig(sequences=str(tmp_path / "sequences" / "web")),
            validation=ValidationConfig(sequences=str(tmp_path / "sequences" / "held_out")),
            optim=OptimConfig(lr=1e-3),
            train=TrainConfig(steps=9, tokens_per_step=8, micro_batch_rows=1, precision="fp32"),
        )
        (step / "run.yaml").write_text(to_yaml(run))
        (step / FILE).write_text(json.dumps(asdict(state)))
        (step / "tokenizer.json").write_bytes(tokenizer)
        manifest.commit(step, manifest.share(step, 0, 1))
        return step

    return write


@pytest.fixture
def state():
    return STATE
