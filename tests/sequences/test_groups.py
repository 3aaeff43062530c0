"""What stands beside rows for validation: groups of documents, bytes of tokens."""

import pyarrow as pa
import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from kormo_ds.sequences import groups
from kormo_ds.sequences.token_bytes import token_bytes


def test_groups_are_written_and_read_back(tmp_path):
    rows = {
        "doc_id": ["a", "b", "c"],
        "lang": ["ko", "en", None],
        "source": ["web", None, "x"],
        "synthesizer": [None, "org/model", None],
        "more": [1, 2, 3],
    }
    (tmp_path / groups.FILE).write_bytes(groups.content([pa.table(rows)]))
    found = groups.read(str(tmp_path))
    assert found == {
        "a": ("ko", "web", None),
        "b": ("en", "unknown", "org/model"),
        "c": ("unknown", "x", None),
    }
    assert found["b"].names() == ["lang=en", "source=unknown", "synthesizer=org/model"]


def test_no_file_is_no_groups(tmp_path):
    assert groups.read(str(tmp_path)) is None
    assert groups.read(f"file://{tmp_path}") is None


@pytest.mark.parametrize("text", ["바다는", "a b", "😀\n", "ä"])
def test_bytes_of_a_byte_level_vocabulary(text):
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merged = {**alphabet, "ab": 256, "ìĿ": 257}
    merges = [("a", "b"), ("ì", "Ŀ")]
    tokenizer = Tokenizer(models.BPE(vocab=merged, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken("<|EOS|>", special=True), AddedToken("바", special=False)])
    sizes = token_bytes(tokenizer.to_str().encode())
    assert sizes[[256, 257, 258, 259]].tolist() == [2, 2, 0, 3]
    assert sizes[tokenizer.encode(text).ids].sum() == len(text.encode())


def test_bytes_of_a_vocabulary_of_words():
    tokenizer = Tokenizer(models.WordLevel({"바다": 0, "sea": 1}, unk_token="sea"))
    assert token_bytes(tokenizer.to_str().encode()).tolist() == [6, 3]
