"""Two small models that answer: one run on short conversations, its checkpoints exported.

Each conversation asks with the first words of a sentence of tests/sample.py and answers with all of
it, written as a chat template writes it. After 120 steps of 2,048 tokens a model of 250,000
parameters knows most of the 48 sentences, and ends after one.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from tokenizers import pre_tokenizers, trainers

from kormo_ds.export import llama
from kormo_ds.sequences.schema import Pieces, batch
from kormo_ds.sequences.write import Writer
from kormo_ds.text import tokens
from kormo_ds.tokenizer.train import add_special_tokens, blank
from kormo_ds.train import port
from tests.sample import ENGLISH, KOREAN

LENGTH, CONVERSATIONS = 128, 2000
STEPS = (60, 120)
"""The checkpoints that are exported: the first knows its sentences less well."""
MODEL = {"vocab_size": 1152, "hidden_size": 64, "ffn_size": 192, "n_layers": 2}
MODEL |= {"n_heads": 4, "n_kv_heads": 2, "head_dim": 16}


def export(folder: Path) -> list[Path]:
    """Train below `folder`, and write one exported model for each of `STEPS`."""
    write_rows(folder / "rows")
    train(folder)
    made = []
    for step in STEPS:
        made.append(folder / f"talk-{step}")
        checkpoint = folder / "talk" / "checkpoints" / f"step-{step:06d}"
        llama.export(checkpoint, made[-1], "fp32", temperature=1.0)
    return made


def train(folder: Path) -> None:
    """Train on one rank, started as torchrun would."""
    words = [
        "name=talk",
        f"folder={folder}",
        f"data.sequences={folder / 'rows'}",
        "deepspeed.zero_optimization.stage=1",
        f"train.steps={STEPS[-1]}",
        "train.tokens_per_step=2048",
        "train.micro_batch_rows=16",
        f"checkpoint.every={STEPS[0]}",
        "optim.lr=3e-3",
        *(f"model.{key}={value}" for key, value in MODEL.items()),
    ]
    rank = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "LOCAL_SIZE": "1"}
    rank |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port.free())}
    rank |= {"DS_ACCELERATOR": "cpu", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "kormo_ds.train", "smoke", *words]
    done = subprocess.run(command, env=os.environ | rank, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def conversations() -> list[str]:
    draw = random.Random(7)
    made = []
    for _ in range(CONVERSATIONS):
        asking, answering, known = draw.choice(
            [("사용자", "도우미", KOREAN), ("User", "Assistant", ENGLISH)]
        )
        sentence = draw.choice(known)
        asked = " ".join(sentence.split()[: draw.randint(1, 4)])
        made.append(f"{asking}: {asked}\n{answering}: {sentence}")
    return made


def write_rows(folder: Path) -> None:
    """The conversations as rows of whole documents, padded, with the tokenizer beside them."""
    texts, tokenizer = conversations(), blank()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=1024, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    add_special_tokens(tokenizer)
    words = tokens.parse(tokenizer.to_str().encode(), "talk")

    rows: list[list[list[int]]] = [[]]
    for encoding in words.encode(texts):
        document = [words.bos, *encoding.ids, words.eos]
        if sum(map(len, rows[-1])) + len(document) > LENGTH:
            rows.append([])
        rows[-1].append(document)
    ids = np.full((len(rows), LENGTH), words.pad, np.int32)
    pieces = []  # row, tokens, document
    for number, row in enumerate(rows):
        flat = [token for document in row for token in document]
        ids[number, : len(flat)] = flat
        pieces += [(number, len(document), f"{number}-{i}") for i, document in enumerate(row)]
        pieces += [(number, LENGTH - len(flat), "")] * (len(flat) < LENGTH)
    at, lengths, names = zip(*pieces, strict=True)
    doc_ids, nothing = pa.array(names), pa.array([""] * len(names))
    zeros = np.zeros(len(names), np.int32)
    parts = Pieces(np.array(at), np.array(lengths, np.int32), doc_ids, zeros, nothing, nothing)
    writer = Writer(
        str(folder), LENGTH, {"fingerprint": "talk", "command": "tests/generate/talk.py"}
    )
    writer.append([(batch(ids, parts), {})])
    writer.finish({})
    tokenizer.save(str(folder / "tokenizer.json"))
