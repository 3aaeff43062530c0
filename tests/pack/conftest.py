"""A lake of a few literal documents, a tokenizer of one token a byte, and a recorded mixture."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

import lake
from kormo_ds.text import tokens


@dataclass(frozen=True)
class Copy:
    """The step that writes `text_clean`: the text as it is."""

    name: str = "clean"
    version: int = 1
    fingerprint: str = "copy"
    ordered: bool = False
    reads: tuple[str, ...] = ("text",)
    writes: tuple[lake.Column, ...] = (lake.Column("text_clean", pa.string(), "the text"),)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([batch.column("text")], ["text_clean"])


def byte_tokenizer() -> bytes:
    """Byte b is token b in the order of the alphabet; BOS 256, EOS 257, PAD 258."""
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(token, special=True) for token in tokens.SPECIAL_TOKENS])
    return tokenizer.to_str().encode()


Selection = list[tuple[str, str, float]]


def record_mixture(lk: lake.Lake, selection: Selection, version: int = 1) -> None:
    """Record (doc_id, component, repeats) rows as the mixture m@version."""
    columns = zip(*selection, strict=True) if selection else ([], [], [])
    ids, components, repeats = (list(column) for column in columns)
    table = pa.table(
        {
            "doc_id": pa.array(ids, pa.string()),
            "component": pa.array(components, pa.string()),
            "repeats": pa.array(repeats, pa.float64()),
            "sort_key": pa.array(ids, pa.string()),
        }
    )
    lk.write(f"mixtures/m@{version}", table)
    row = {
        "mixture": "m",
        "version": version,
        "documents_version": lk.version("documents"),
        "created_at": datetime.now(UTC),
        "n_documents": len(ids),
        "digest": f"digest of {selection}",
    }
    missing = {name: None for name in lk.schema("mixtures").names}
    lk.append("mixtures", pa.Table.from_pylist([missing | row], schema=lk.schema("mixtures")))


@pytest.fixture
def make_lake(tmp_path: Path) -> Callable[..., lake.Lake]:
    """make_lake({doc_id: text}, [(doc_id, component, repeats)]) → a lake with mixture m@1."""

    def make(
        texts: dict[str, str],
        selection: Selection,
        folder: str = "lake",
        languages: dict[str, str] | None = None,
    ) -> lake.Lake:
        lk = lake.create(tmp_path / folder)
        documents = {"doc_id": list(texts), "text": list(texts.values())}
        if languages:
            documents["lang"] = [languages.get(doc_id) for doc_id in texts]
        lk.append("documents", pa.table(documents))
        lk.fill("documents", [Copy()])
        lk.write_bytes(byte_tokenizer(), "tokenizers", "bytes", "tokenizer.json")
        record_mixture(lk, selection)
        return lk

    return make


@pytest.fixture
def record() -> Callable[..., None]:
    """record(lk, selection, version=2)."""
    return record_mixture


@dataclass(frozen=True)
class Count:
    """A step that says how many tokens each document has, right or wrong."""

    counts: dict[str, int]
    name: str = "n_tokens"
    version: int = 1
    fingerprint: str = "said"
    ordered: bool = False
    reads: tuple[str, ...] = ("doc_id",)
    writes: tuple[lake.Column, ...] = (lake.Column("n_tokens_bytes", pa.int64(), "tokens"),)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        counts = [self.counts[doc_id] for doc_id in batch.column("doc_id").to_pylist()]
        return pa.RecordBatch.from_arrays([pa.array(counts, pa.int64())], ["n_tokens_bytes"])


@pytest.fixture
def count_tokens() -> type[Count]:
    """The step `Count`."""
    return Count


@pytest.fixture
def copy_step() -> type[Copy]:
    """The step `Copy`."""
    return Copy
