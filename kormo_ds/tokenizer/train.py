"""Byte-level BPE on the documents of a recorded mixture, special tokens last.

Texts stream from the lake into the `tokenizers` library, each pass of a repeated document anew; it
keeps the distinct words and their counts in memory, about 10 bytes for each byte of distinct word.
A trained tokenizer appears whole, and a name is given once.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from kormo_ds.errors import BadConfig
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import Recorded
from kormo_ds.text import tokens

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from lake import Lake

FACTS = "facts.json"
SMALLEST = 256 + len(tokens.SPECIAL_TOKENS)
"""All bytes and the special tokens."""


@dataclass
class Settings:
    """How a tokenizer is trained."""

    mixture: str = ""
    """NAME or NAME@VERSION of a recorded mixture; must be given."""
    vocab_size: int = 125_041
    """Tokens, special ones included; KORMo's by default."""


@dataclass(frozen=True)
class Trained:
    """A tokenizer of the lake."""

    facts: dict[str, Any]
    """What facts.json says: mixture, sizes, fingerprint, date."""
    was_there: bool
    """True if the same training was done before."""


def train(
    lk: "Lake", name: str, settings: Settings, progress: Advance = silent, rust_bar: bool = False
) -> Trained:
    """Train the tokenizer `name` and keep it in <lake>/tokenizers/NAME.

    Args:
        lk: the lake.
        name: what it will be called.
        settings: on what, and how large.
        progress: told the number of documents read.
        rust_bar: let the library draw its own bars on stderr.

    Raises:
        UnknownName: the mixture was not recorded.
        BadInput: the mixture is empty, or its documents have no clean text.
        BadConfig: the name is taken by another training, or the size cannot hold all bytes.
        LakeLocked: another process is writing to the lake.
    """
    if not settings.mixture:
        raise BadConfig("say on what with mixture=NAME@VERSION; `kormo mixture list` has them")
    if settings.vocab_size < SMALLEST:
        raise BadConfig(
            f"vocab_size={settings.vocab_size} is too small: 256 bytes and "
            f"{len(tokens.SPECIAL_TOKENS)} special tokens need {SMALLEST}"
        )
    source = Recorded.named(lk, settings.mixture)
    source.text()
    asked = {
        "mixture": str(source),
        "mixture_digest": source.mixture.digest,
        "vocab_size_asked": settings.vocab_size,
    }
    with lk.lock(f"train tokenizer {name}"):
        if name in tokens.names(lk):
            there = facts(lk, name)
            _check_same(name, there, asked)
            return Trained(there, was_there=True)
        reading = _Reading(source, progress)
        tokenizer = blank()
        tokenizer.train_from_iterator(
            iter(reading),
            trainer=_trainer(settings.vocab_size - len(tokens.SPECIAL_TOKENS), rust_bar),
            length=source.n_reads(),
        )
        add_special_tokens(tokenizer)
        content = tokenizer.to_str().encode()
        vocabulary = tokens.parse(content, name)
        made = asked | {
            "name": name,
            "size": vocabulary.size,
            "padded_size": vocabulary.padded_size,
            "fingerprint": vocabulary.fingerprint,
            "n_documents": reading.n_documents,
            "n_bytes": reading.n_bytes,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "tokenizers_version": version("tokenizers"),
        }
        # The tokenizer comes last: without it, the name is still free.
        lk.write_bytes(json.dumps(made, indent=2).encode(), "tokenizers", name, FACTS)
        lk.write_bytes(content, "tokenizers", name, tokens.FILE)
    return Trained(made, was_there=False)


def facts(lk: "Lake", name: str) -> dict[str, Any]:
    """What is known of the training of `name`; {} for a tokenizer that was put there by hand."""
    try:
        known: dict[str, Any] = json.loads(lk.read_bytes("tokenizers", name, FACTS))
    except FileNotFoundError:
        return {}
    return known


def blank() -> "Tokenizer":
    """An untrained byte-level BPE with Qwen2's split pattern."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(tokens.SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def add_special_tokens(tokenizer: "Tokenizer") -> None:
    """Put the special tokens after all others, and BOS before every encoded text."""
    from tokenizers import AddedToken, processors

    tokenizer.add_tokens(
        [
            AddedToken(token, special=token in tokens.CONTROL_TOKENS, normalized=False)
            for token in tokens.SPECIAL_TOKENS
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{tokens.BOS} $A",
        pair=f"{tokens.BOS} $A {tokens.BOS} $B",
        special_tokens=[(tokens.BOS, tokenizer.token_to_id(tokens.BOS))],
    )


class _Reading:
    """The texts of a mixture, counted as they go by."""

    def __init__(self, source: Recorded, progress: Advance):
        self.n_documents = self.n_bytes = 0
        self._source, self._progress = source, progress

    def __iter__(self) -> Iterator[list[str]]:
        self._progress(0, total=self._source.n_reads())
        for documents in self._source.read(["text_clean"]):
            texts = documents.columns["text_clean"].to_pylist()
            self.n_documents += len(texts)
            self.n_bytes += sum(len(text.encode()) for text in texts)
            yield texts
            self._progress(len(texts))


def _trainer(vocab_size: int, bars: bool) -> Any:
    from tokenizers import pre_tokenizers, trainers

    return trainers.BpeTrainer(
        vocab_size=vocab_size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=bars,
    )


def _check_same(name: str, there: dict[str, Any], asked: dict[str, Any]) -> None:
    """Refuse to train another tokenizer under a name that is taken."""
    if {key: there.get(key) for key in asked} != asked:
        raise BadConfig(
            f"tokenizer '{name}' is there, of mixture {there.get('mixture', 'unknown')} with "
            f"vocab_size={there.get('vocab_size_asked', 'unknown')}; not overwritten with mixture "
            f"{asked['mixture']} and vocab_size={asked['vocab_size_asked']}: choose another name"
        )
