"""A lake of held-out documents in both languages, and a run whose model copies."""

import hashlib
import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

import lake
from kormo_ds.compose import to_yaml
from kormo_ds.config import OptimConfig, Run, TrainConfig
from kormo_ds.eval.checkpoint import _INDEX
from kormo_ds.eval.documents import Document
from kormo_ds.eval.needle import template
from kormo_ds.run_record import manifest
from kormo_ds.text import tokens
from tests.eval.kept import Kept
from tests.eval.needle.copier import config, copier
from tests.sample import ENGLISH, KOREAN

torch.set_num_threads(1)


def word_tokenizer() -> bytes:
    """A token a word, and a token for each three digits: a model that copies tokens can answer."""
    said = [*KOREAN, *ENGLISH]
    for lang in template.languages():
        words = template.read(lang)
        said += [words.intro, *(words.needle_of(key, "") for key in words.things())]
        said += [words.answer_of([key]) for key in words.things()]
        said += [words.question_of([key], n) for key in words.things() for n in (1, 2)]
    known = sorted({word for text in said for word in text.split()} - {""})
    known += [".", "입니다."] + [f"{n:0{width}}" for width in (1, 2, 3) for n in range(10**width)]
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(["<unk>", *known]))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    digits = pre_tokenizers.Split(Regex(r"\d{1,3}"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), digits])
    tokenizer.add_tokens([AddedToken(token, special=True) for token in tokens.SPECIAL_TOKENS])
    return tokenizer.to_str().encode()


@pytest.fixture(scope="session")
def words_vocabulary() -> tokens.Vocabulary:
    return tokens.parse(word_tokenizer(), "words")


def documents(lang: str, n: int, seed: int = 7) -> list[Document]:
    """Documents of three paragraphs each, drawn from the sentences of tests/sample.py.

    Those without "is", behind which an English answer goes on.
    """
    draw = random.Random(f"{seed}{lang}")
    known = KOREAN if lang == "ko" else [one for one in ENGLISH if " is " not in one]
    return [
        Document(
            f"{lang}{i}",
            "\n\n".join(" ".join(draw.choices(known, k=4)) for _ in range(3)),
            lang,
            "web",
            None,
        )
        for i in range(n)
    ]


@pytest.fixture(scope="session")
def drawn():
    """drawn(lang, n) → documents."""
    return documents


@pytest.fixture
def lk(tmp_path: Path) -> lake.Lake:
    """A lake whose 60 documents, half of them Korean, are all held out."""
    lk = lake.create(str(tmp_path / "lake"))
    names = (f"d{i}" for i in range(10_000))
    held = [name for name in names if hashlib.md5(name.encode()).hexdigest() < "05"][:60]
    rows = [
        {"doc_id": name, "text": one.text, "lang": one.lang, "source": one.source}
        for name, one in zip(held, documents("ko", 30) + documents("en", 30), strict=True)
    ]
    lk.append("documents", pa.Table.from_pylist(rows, lk.schema("documents")))
    lk.fill("documents", [Kept()])
    return lk


@pytest.fixture
def copying(tmp_path: Path, words_vocabulary: tokens.Vocabulary) -> Path:
    """A run whose model copies as far as some 200 tokens back; it has 640 positions."""
    model = config(words_vocabulary.padded_size, theta=5_000.0, max_positions=640)
    run = Run(
        name="copier",
        folder=str(tmp_path / "runs"),
        model=model,
        optim=OptimConfig(lr=1e-3),
        train=TrainConfig(steps=2, tokens_per_step=64, micro_batch_rows=1, precision="fp32"),
    )
    for step in (1, 2):
        folder = manifest.folder_of(run.path / "checkpoints", step)
        (folder / "weights").mkdir(parents=True)
        values = copier(replace(model, rope_theta=5_000.0)).state_dict()
        save_file(values, folder / "weights" / "a.safetensors")
        places = ", ".join(f'"{name}": "a.safetensors"' for name in values)
        (folder / "weights" / _INDEX).write_text(f'{{"weight_map": {{{places}}}}}')
        (folder / "run.yaml").write_text(to_yaml(run))
        (folder / "tokenizer.json").write_bytes(word_tokenizer())
        manifest.commit(folder, manifest.share(folder, 0, 1))
    return run.path
