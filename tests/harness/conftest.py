"""A checkpoint of random weights with a real tokenizer, its export, and tiny files of the tasks."""

import json
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import pre_tokenizers, trainers

from kormo_ds.compose import to_yaml
from kormo_ds.config import DataConfig, LogConfig, ModelConfig, OptimConfig, Run, TrainConfig
from kormo_ds.eval import checkpoint
from kormo_ds.eval.harness import adapter, tasks
from kormo_ds.eval.harness.workers import Alone
from kormo_ds.model import Transformer, init_weights
from kormo_ds.run_record import manifest
from kormo_ds.run_record.state import FILE, State
from kormo_ds.text import tokens
from kormo_ds.tokenizer.train import add_special_tokens, blank
from tests.harness.data import FILES

torch.set_num_threads(1)
SHAPE = ModelConfig(
    vocab_size=384,
    hidden_size=32,
    ffn_size=64,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    head_dim=8,
    init_std=0.3,
    max_positions=256,
)


def tokenizer_of(texts) -> bytes:
    """320 tokens of merges over bytes, then the special ones; BOS comes first in a text."""
    made = blank()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(texts, trainer)
    add_special_tokens(made)
    assert made.token_to_id(tokens.BOS) == 320
    return made.to_str().encode()


def write_checkpoint(folder, shape=SHAPE, name="small", seed=5):
    """A complete checkpoint of one shard after 7 steps; its run's folder."""
    run = Run(
        name=name,
        folder=str(folder),
        model=shape,
        data=DataConfig(sequences=str(folder / "sequences" / "web")),
        optim=OptimConfig(lr=1e-3),
        train=TrainConfig(steps=9, tokens_per_step=8, micro_batch_rows=1, precision="fp32"),
        log=LogConfig(wandb="disabled"),
    )
    step = manifest.folder_of(run.path / "checkpoints", 7)
    (step / "weights").mkdir(parents=True)
    made = Transformer(shape)
    init_weights(made, seed)
    save_file(made.state_dict(), step / "weights" / "model.safetensors")
    places = dict.fromkeys(made.state_dict(), "model.safetensors")
    index = step / "weights" / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    (step / FILE).write_text(json.dumps(asdict(State(run_id="0a1b2c3d", step=7))))
    (step / "run.yaml").write_text(to_yaml(run))
    texts = [json.dumps(row, ensure_ascii=False) for rows in FILES.values() for row in rows]
    (step / "tokenizer.json").write_bytes(tokenizer_of(texts))
    manifest.commit(step, manifest.share(step, 0, 1))
    return run.path


@pytest.fixture
def run_folder(tmp_path):
    return write_checkpoint(tmp_path / "runs")


@pytest.fixture
def wide(tmp_path):
    """The same with room for the 1,024 tokens of a program."""
    return write_checkpoint(tmp_path / "runs", replace(SHAPE, max_positions=2048), "wide")


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A folder with a file for every task of ours."""
    folder = tmp_path_factory.mktemp("data")
    for name, rows in FILES.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def model():
    """model(run_folder, …) is the adapter on its newest checkpoint."""

    def model(folder, **settings):
        read = checkpoint.read(folder)
        alone = Alone(read.model(device=torch.device("cpu")))
        return adapter.Model(alone, read.vocabulary, **settings)

    return model


@pytest.fixture
def loading(data):
    """loading(names) are tasks over the tiny files."""
    managers = []

    def loading(*names):
        manager = tasks.manager(names, str(data))
        managers.append(manager)
        return tasks.loaded(names, manager.__enter__(), str(data))

    yield loading
    for manager in managers:
        manager.__exit__(None, None, None)
