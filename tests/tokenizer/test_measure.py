import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from kormo_ds.cli.tokenizer import measure as command
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.recorded import Recorded
from kormo_ds.tokenizer import Settings, measure, train


def byte_tokenizer() -> Tokenizer:
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return tokenizer


def letters() -> Tokenizer:
    """A token for each character, spaces dropped."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def test_bytes_and_tokens_are_pooled(lk):
    found = measure(Recorded.named(lk, "m"), [byte_tokenizer(), letters()], 100)
    assert [
        (row.lang, row.source, row.n_documents, row.n_bytes, row.n_tokens) for row in found
    ] == [
        ("(all)", "(all)", 3, 97, (97, 14)),
        ("en", "(all)", 1, 26, (26, 5)),
        ("en", "news", 1, 26, (26, 5)),
        ("ko", "(all)", 2, 71, (71, 9)),
        ("ko", "law", 1, 33, (33, 4)),
        ("ko", "news", 1, 38, (38, 5)),
    ]
    assert found[0].bytes_per_token == (1.0, 97 / 14)


def test_each_document_is_measured_once_up_to_a_number(lk):
    found = measure(Recorded.named(lk, "m"), [byte_tokenizer()], 2)
    assert [(row.lang, row.source, row.n_documents) for row in found] == [
        ("(all)", "(all)", 2),
        ("ko", "(all)", 2),
        ("ko", "law", 1),
        ("ko", "news", 1),
    ]


def test_the_command_puts_other_tokenizers_beside(lk, tmp_path, capsys):
    train(lk, "mine", Settings("m", 300))
    byte_tokenizer().save(str(tmp_path / "bytes.json"))
    command(["mine", str(tmp_path / "bytes.json")], lk.root)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["lang", "source", "documents", "bytes", "mine", "bytes"]
    assert lines[2].split()[:4] == ["(all)", "(all)", "3", "97"]
    assert lines[2].split()[5] == "1.000"
    assert float(lines[2].split()[4]) > 2
    assert lines[-1] == "UTF-8 bytes per token on mixture m@1; more is better compression"


def test_what_cannot_be_measured_is_refused(lk, tmp_path):
    with pytest.raises(BadInput, match="name a tokenizer"):
        command(["mixture=m"], lk.root)
    with pytest.raises(UnknownName, match="unknown tokenizer 'mine'; known: none yet"):
        command(["mine"], lk.root)
    with pytest.raises(UnknownName, match="give a tokenizer.json or the name of one"):
        command(["none.json"], lk.root)
    byte_tokenizer().save(str(tmp_path / "bytes.json"))
    with pytest.raises(BadInput, match="say on what .* is measured with mixture=NAME@VERSION"):
        command([str(tmp_path / "bytes.json")], lk.root)
