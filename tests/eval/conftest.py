"""A checkpoint of an untrained model, written as training writes it, with one token a byte."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from kormo_ds.compose import to_yaml
from kormo_ds.config import DataConfig, ModelConfig, OptimConfig, Run, TrainConfig
from kormo_ds.eval.checkpoint import _INDEX
from kormo_ds.model import Transformer, init_weights
from kormo_ds.run_record import manifest
from kormo_ds.sequences.write import Writer
from kormo_ds.text import tokens

torch.set_num_threads(1)
TRAINED_SEED = 9
RUN = Run(
    name="demo",
    seed=1,
    model=ModelConfig(
        vocab_size=512,
        hidden_size=16,
        ffn_size=32,
        n_layers=2,
        n_heads=2,
        n_kv_heads=1,
        head_dim=8,
        init_std=0.3,
    ),
    optim=OptimConfig(lr=1e-3),
    train=TrainConfig(steps=2, tokens_per_step=64, micro_batch_rows=1, precision="fp32"),
)


def byte_tokenizer() -> bytes:
    """Byte b is token b in the order of the alphabet; BOS 256, EOS 257, PAD 258."""
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(token, special=True) for token in tokens.SPECIAL_TOKENS])
    return tokenizer.to_str().encode()


def weights() -> Transformer:
    """What the checkpoint holds: not the weights that its run would begin with."""
    model = Transformer(RUN.model)
    init_weights(model, TRAINED_SEED)
    return model


def write_checkpoint(run: Run, step: int) -> None:
    """A complete checkpoint of two shards."""
    folder = manifest.folder_of(run.path / "checkpoints", step)
    (folder / "weights").mkdir(parents=True)
    values = weights().state_dict()
    names = sorted(values)
    shards = {"a.safetensors": names[:5], "b.safetensors": names[5:]}
    for file, held in shards.items():
        save_file({name: values[name] for name in held}, folder / "weights" / file)
    places = ", ".join(f'"{name}": "{file}"' for file, held in shards.items() for name in held)
    (folder / "weights" / _INDEX).write_text(f'{{"weight_map": {{{places}}}}}')
    (folder / "run.yaml").write_text(to_yaml(run))
    (folder / "tokenizer.json").write_bytes(byte_tokenizer())
    manifest.commit(folder, manifest.share(folder, 0, 1))


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run on rows of 32 tokens: two complete checkpoints and one that was never finished."""
    sequences = str(tmp_path / "sequences" / "demo")
    Writer(sequences, 32, {"command": "kormo pack demo"}).finish({"fingerprint": "f"})
    run = replace(RUN, folder=str(tmp_path / "runs"), data=DataConfig(sequences=sequences))
    for step in (2, 10):
        write_checkpoint(run, step)
    (run.path / "checkpoints" / "step-000012").mkdir()
    return run.path


@pytest.fixture
def short_run(tmp_path: Path) -> Path:
    """A run whose model has 96 positions."""
    run = replace(RUN, folder=str(tmp_path / "runs"), model=replace(RUN.model, max_positions=96))
    write_checkpoint(run, 2)
    return run.path


@pytest.fixture
def vocabulary() -> tokens.Vocabulary:
    return tokens.parse(byte_tokenizer(), "bytes")


@pytest.fixture
def trained() -> Transformer:
    return weights()
