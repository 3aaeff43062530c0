import json

import pytest
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

import lake
from kormo_ds.errors import BadInput, Damaged, UnknownName
from kormo_ds.text import tokens


def letters() -> Tokenizer:
    """One token a byte, then the special tokens."""
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_tokens(
        [
            AddedToken(token, special=token in tokens.CONTROL_TOKENS, normalized=False)
            for token in tokens.SPECIAL_TOKENS
        ]
    )
    return tokenizer


CONTENT = letters().to_str().encode()


def test_special_tokens_stand_where_kormo_has_them():
    ids = {token: 125_030 + i for i, token in enumerate(tokens.SPECIAL_TOKENS)}
    assert ids["<|BOS|>"] == 125_030
    assert ids["<|EOS|>"] == 125_031
    assert ids["<|PAD|>"] == 125_032
    assert ids["<think>"] == 125_033
    assert ids["</think>"] == 125_034
    assert ids["<|BOT|>"] == 125_039
    assert ids["<|EOT|>"] == 125_040
    assert len(ids) == 125_041 - 125_030


@pytest.mark.parametrize(
    ("size", "padded"), [(1, 128), (128, 128), (129, 256), (125_041, 125_056), (267, 384)]
)
def test_sizes_are_rounded_up_to_128(size: int, padded: int):
    assert tokens.padded_size(size) == padded


def test_a_vocabulary_knows_its_numbers():
    vocabulary = tokens.parse(CONTENT, "t")
    assert (vocabulary.bos, vocabulary.eos, vocabulary.pad) == (256, 257, 258)
    assert (vocabulary.size, vocabulary.padded_size, vocabulary.name) == (267, 384, "t")


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("", 0),
        ("abc", 3),
        ("가", 3),
        ("<|EOS|>", 7),  # a text cannot end its document
        ("<|BOT|>x<|PAD|>", 15),
        ("<think>x</think>", 3),
    ],
)
def test_control_tokens_in_a_text_stay_text(text: str, n: int):
    assert tokens.parse(CONTENT, "t").count([text]) == [n]


def test_the_fingerprint_is_of_the_content():
    said = json.loads(CONTENT)
    again = json.dumps(said | {"padding": None, "truncation": None}, indent=3).encode()
    cut = Tokenizer.from_buffer(CONTENT)
    cut.enable_truncation(5)
    other = letters()
    other.add_tokens(["한글"])
    assert tokens.fingerprint(again) == tokens.fingerprint(CONTENT)
    assert tokens.fingerprint(cut.to_str().encode()) == tokens.fingerprint(CONTENT)
    assert tokens.fingerprint(other.to_str().encode()) != tokens.fingerprint(CONTENT)


def test_truncation_in_the_file_is_not_obeyed():
    cut = Tokenizer.from_buffer(CONTENT)
    cut.enable_truncation(5)
    assert tokens.parse(cut.to_str().encode(), "t").count(["abcdefgh"]) == [8]


@pytest.mark.parametrize(
    ("place", "asked", "name"),
    [
        ("demo/tokenizer.json", "demo", "demo"),
        ("demo/tokenizer.json", "demo/", "demo"),
        ("demo/tokenizer.json", "demo/tokenizer.json", "demo"),
        ("qwen3.json", "qwen3.json", "qwen3"),
    ],
)
def test_a_tokenizer_loads_from_its_folder_or_file(tmp_path, place, asked, name):
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_bytes(CONTENT)
    assert tokens.load(f"{tmp_path}/{asked}").name == name


def test_a_lake_names_its_tokenizers(tmp_path):
    lk = lake.create(tmp_path)
    lk.write_bytes(CONTENT, "tokenizers", "demo", "tokenizer.json")
    lk.write_bytes(b"{}", "tokenizers", "half", "facts.json")
    assert tokens.names(lk) == ["demo"]
    assert tokens.named(lk, "demo").size == 267
    with pytest.raises(UnknownName) as error:
        tokens.named(lk, "demi")
    assert str(error.value) == (
        "unknown tokenizer 'demi'; did you mean 'demo'? known: demo; "
        "train it with: kormo tokenizer train demi mixture=NAME@VERSION"
    )


def test_what_cannot_be_used_is_refused(tmp_path):
    with pytest.raises(UnknownName, match="give a tokenizer.json or its folder"):
        tokens.load(str(tmp_path / "none"))
    with pytest.raises(Damaged, match="tokenizer 't' is not a tokenizer.json"):
        tokens.parse(CONTENT[:100], "t")
    with pytest.raises(BadInput, match=r"has no <\|BOS\|>, <\|EOS\|>, <\|PAD\|>; it can be"):
        tokens.parse(Tokenizer(models.BPE()).to_str().encode(), "gpt")
