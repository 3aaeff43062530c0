"""Needle tests: questions a second beside transformers, one prompt at a time, on the same weights.

    python bench/needle.py [ROUNDS]

The grid is the command's: Korean, four forms, five depths, rows of 768 and 1,536 tokens of a byte
each. The model is untrained, so that each side says 32 tokens to every question, and its export is
what transformers reads. Compared are `model.generate` of transformers in a loop, greedy with its
cache; ours as the command asks; ours without copying what begins alike; and ours a prompt at a
time, which shows what each of the two is worth. Sides take turns; a ratio is the median of the
rounds'. Answers are compared token for token. Results go to bench/results/needle.json.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

import torch
from report import keep
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from kormo_ds.compose import to_yaml
from kormo_ds.config import ModelConfig, OptimConfig, Run, TrainConfig
from kormo_ds.eval.checkpoint import read
from kormo_ds.eval.documents import Document
from kormo_ds.eval.needle import template
from kormo_ds.eval.needle.grid import FORMS, Grid
from kormo_ds.eval.needle.haystack import Pool
from kormo_ds.eval.needle.prompt import prompt
from kormo_ds.export import llama
from kormo_ds.model import Transformer, greedy, init_weights
from kormo_ds.run_record import manifest
from kormo_ds.run_record.state import FILE, State
from kormo_ds.text import tokens

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.sample import KOREAN  # noqa: E402 - the tests' own sentences

MAX_TOKENS = 32
MODEL = ModelConfig(
    vocab_size=512,
    hidden_size=192,
    ffn_size=512,
    n_layers=4,
    n_heads=6,
    n_kv_heads=2,
    head_dim=32,
    init_std=0.1,
)
Prompts = Sequence[Sequence[int]]


def byte_tokenizer() -> bytes:
    """A token a byte, and this project's special tokens."""
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(token, special=True) for token in tokens.SPECIAL_TOKENS])
    return tokenizer.to_str().encode()


def checkpoint(folder: Path) -> Path:
    """A complete checkpoint of an untrained model."""
    run = Run(
        name="bench",
        folder=str(folder),
        model=MODEL,
        optim=OptimConfig(lr=1e-3),
        train=TrainConfig(steps=1, tokens_per_step=64, micro_batch_rows=1, precision="fp32"),
    )
    model = Transformer(MODEL)
    init_weights(model, 3)
    where = manifest.folder_of(run.path / "checkpoints", 1)
    (where / "weights").mkdir(parents=True)
    values = model.state_dict()
    save_file(values, where / "weights" / "a.safetensors")
    places = ", ".join(f'"{name}": "a.safetensors"' for name in values)
    index = where / "weights" / "model.safetensors.index.json"
    index.write_text(f'{{"weight_map": {{{places}}}}}')
    (where / "run.yaml").write_text(to_yaml(run))
    (where / "tokenizer.json").write_bytes(byte_tokenizer())
    (where / FILE).write_text(json.dumps(asdict(State(step=1, data=[]))))
    manifest.commit(where, manifest.share(where, 0, 1))
    return where


def questions(vocabulary: tokens.Vocabulary) -> list[Sequence[int]]:
    """The prompts of the grid, in the order of the command."""
    draw = random.Random(5)
    documents = [
        Document(f"d{i}", " ".join(draw.choices(KOREAN, k=20)), "ko", "sample", None)
        for i in range(20)
    ]
    grid = Grid(
        langs=["ko"],
        forms=FORMS,
        lengths=[768, 1536],
        depths=[0, 25, 50, 75, 100],
        samples=1,
        max_tokens=MAX_TOKENS,
        seed=0,
    )
    pool = Pool.read(documents, vocabulary, lang="ko", mixture="bench", n_tokens=1536, seed=0)
    words = template.read("ko")
    return [
        prompt(cell, 0, pool=pool, words=words, vocabulary=vocabulary, max_tokens=MAX_TOKENS).ids
        for cell in grid.cells()
    ]


def sides(folder: Path) -> tuple[dict[str, Callable[[], list[list[int]]]], int]:
    """What is compared, each a call that answers all questions; and how many questions."""
    from transformers import AutoModelForCausalLM

    where = checkpoint(folder / "runs")
    llama.export(where, folder / "exported", "fp32", None)
    asked = read(where)
    ours = asked.model(device=torch.device("cpu"))
    theirs = AutoModelForCausalLM.from_pretrained(folder / "exported", dtype=torch.float32)
    prompts = questions(asked.vocabulary)
    known = {"n_ids": asked.vocabulary.size, "stop": -1, "max_tokens": MAX_TOKENS}

    def peer() -> list[list[int]]:
        said = []
        for one in prompts:
            ids = torch.tensor([one])
            out = theirs.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=MAX_TOKENS,
                min_new_tokens=MAX_TOKENS,
                pad_token_id=asked.vocabulary.pad,
            )
            said.append(out[0, len(one) :].tolist())
        return said

    def together() -> list[list[int]]:
        return greedy.greedy(ours, prompts, **known)

    def without_copies() -> list[list[int]]:
        worth, greedy._WORTH = greedy._WORTH, 2.0
        try:
            return together()
        finally:
            greedy._WORTH = worth

    def alone() -> list[list[int]]:
        return [greedy.greedy(ours, [one], **known)[0] for one in prompts]

    named = {"transformers": peer, "ours": together}
    return named | {"ours, nothing copied": without_copies, "ours, alone": alone}, len(prompts)


def main(rounds: int) -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        compared, n = sides(Path(folder))
        answers = {name: call() for name, call in compared.items()}  # and warm
        alike = sum(a == b for a, b in zip(answers["ours"], answers["transformers"], strict=True))
        seconds: dict[str, list[float]] = {name: [] for name in compared}
        for i in range(rounds):
            for name in list(compared)[:: 1 if i % 2 else -1]:
                started = time.perf_counter()
                compared[name]()
                seconds[name].append(time.perf_counter() - started)
            print({name: round(n / taken[-1], 2) for name, taken in seconds.items()}, flush=True)
    ratios = {
        f"{name} / transformers": round(
            median(t / o for t, o in zip(seconds["transformers"], taken, strict=True)), 2
        )
        for name, taken in seconds.items()
        if name != "transformers"
    }
    keep(
        "needle",
        {
            "questions": n,
            "rounds": rounds,
            "questions a second": {k: round(n / median(v), 2) for k, v in seconds.items()},
            "ratios": ratios,
            "answers that are the same token for token": f"{alike} of {n}",
        },
        ("torch", "transformers"),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
