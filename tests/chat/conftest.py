"""Vocabularies of one token a byte, and of whole words; the template as transformers reads it."""

import pytest
from tokenizers import pre_tokenizers, trainers

from kormo_ds.conversations.toggle import library
from kormo_ds.text import tokens
from kormo_ds.tokenizer.train import add_special_tokens, blank

WORDS = ["system\n", "user\n", "assistant\n", "a yes\n\n", "\n\nno", "6 is even", "Seoul is big"]


def trained(n_merges: int, texts: list[str] = WORDS) -> bytes:
    """A byte-level BPE of this many tokens over the bytes, learnt from `texts`."""
    made = blank()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    size = 256 + n_merges
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(texts * 20, trainer)
    add_special_tokens(made)
    return made.to_str().encode()


@pytest.fixture(scope="session")
def words() -> tokens.Vocabulary:
    """`assistant`, `system`, `user` and two new lines are one token each."""
    found = tokens.parse(trained(60), "words")
    assert found.count(["assistant", "system", "user", "\n\n", " is"]) == [1] * 5
    return found


@pytest.fixture(scope="session")
def letters() -> tokens.Vocabulary:
    """One token a byte."""
    return tokens.parse(trained(0), "letters")


@pytest.fixture(scope="session")
def phrases() -> tokens.Vocabulary:
    """Words of toggles are tokens, so a conversation has some 60; so are two new lines."""
    texts = [text for one in library().values() if one.language == "en" for text in one.texts]
    found = tokens.parse(trained(700, [*WORDS, *texts]), "phrases")
    assert found.count(["\n\n", " reasoning"]) == [1, 1]
    return found


@pytest.fixture(scope="session")
def hf(tmp_path_factory):
    """hf(vocabulary) → transformers' tokenizer of it, with the template."""
    from transformers import PreTrainedTokenizerFast

    from kormo_ds.chat import TEMPLATE

    def hf(vocabulary):
        file = tmp_path_factory.mktemp("hf") / "tokenizer.json"
        file.write_text(vocabulary.tokenizer.to_str(), encoding="utf-8")
        return PreTrainedTokenizerFast(
            tokenizer_file=str(file), chat_template=TEMPLATE.read_text(encoding="utf-8")
        )

    return hf
