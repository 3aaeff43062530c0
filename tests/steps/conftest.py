"""A tokenizer of one token a byte, as a file."""

import pytest
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers


@pytest.fixture
def tokenizer_file(tmp_path):
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_tokens(
        [AddedToken(t, special=True, normalized=False) for t in ("<|BOS|>", "<|EOS|>", "<|PAD|>")]
    )
    path = tmp_path / "bytes" / "tokenizer.json"
    path.parent.mkdir()
    path.write_text(tokenizer.to_str(), encoding="utf-8")
    return path
