import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kormo_ds.errors import BadConfig, UnknownName
from kormo_ds.text import tokens
from kormo_ds.tokenizer import Settings, train
from kormo_ds.tokenizer.train import add_special_tokens, blank


def split(text: str) -> list[str]:
    """The words that merges stay inside of, as text again."""
    pieces = blank().pre_tokenizer.pre_tokenize_str(text)
    return [text[start:end] for _, (start, end) in pieces]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello world", ["Hello", " world"]),
        ("2024년", ["2", "0", "2", "4", "년"]),
        ("한국어 문서.", ["한국어", " 문서", "."]),
        ("don't WE'LL", ["don", "'t", " WE", "'LL"]),
        ("a\n\n b  c", ["a", "\n\n", " b", " ", " c"]),
        ("x += 1;\n", ["x", " +=", " ", "1", ";\n"]),
        ("ﬁ Ａ", ["ﬁ", " Ａ"]),  # nothing is normalised
    ],
)
def test_words_are_split_as_qwen2_does(text, words):
    assert split(text) == words


def test_special_tokens_come_last_and_bos_comes_first():
    tokenizer = blank()
    tokenizer.train_from_iterator(["low lower lowest"], trainer=None)
    add_special_tokens(tokenizer)
    size = tokenizer.get_vocab_size()
    ids = [tokenizer.token_to_id(token) for token in tokens.SPECIAL_TOKENS]
    assert ids == list(range(size - 11, size))
    assert tokenizer.encode("low").ids[0] == ids[0]
    assert tokenizer.encode("low", add_special_tokens=False).ids[0] != ids[0]


def test_a_tokenizer_is_trained_on_all_passes(lk):
    trained = train(lk, "t", Settings("m", 300))
    assert not trained.was_there
    facts = dict(trained.facts)
    assert facts.pop("created_at") and facts.pop("tokenizers_version")
    vocabulary = tokens.named(lk, "t")
    assert facts == {
        "name": "t",
        "mixture": "m@1",
        "mixture_digest": "d",
        "vocab_size_asked": 300,
        "size": vocabulary.size,
        "padded_size": 384,
        "fingerprint": vocabulary.fingerprint,
        "n_documents": 4,  # ko1 twice
        "n_bytes": 2 * 38 + 33 + 26,
    }
    assert vocabulary.bos == vocabulary.size - 11
    text = "한국어 low\n\t❤️ 12"
    assert vocabulary.tokenizer.decode(vocabulary.encode([text])[0].ids) == text


def test_the_same_training_gives_the_same_tokenizer(lk):
    train(lk, "one", Settings("m", 290))
    train(lk, "two", Settings("m@1", 290))
    assert tokens.named(lk, "one").fingerprint == tokens.named(lk, "two").fingerprint


def test_a_name_is_given_once(lk):
    first = train(lk, "t", Settings("m", 290))
    again = train(lk, "t", Settings("m@1", 290))
    assert (again.was_there, again.facts) == (True, first.facts)
    with pytest.raises(BadConfig) as error:
        train(lk, "t", Settings("m", 280))
    assert str(error.value) == (
        "tokenizer 't' is there, of mixture m@1 with vocab_size=290; not overwritten with "
        "mixture m@1 and vocab_size=280: choose another name"
    )
    assert tokens.named(lk, "t").fingerprint == first.facts["fingerprint"]


def test_what_cannot_be_trained_is_refused(lk):
    with pytest.raises(BadConfig, match="vocab_size=266 is too small: 256 bytes and 11 special"):
        train(lk, "t", Settings("m", 266))
    with pytest.raises(BadConfig, match="say on what with mixture=NAME@VERSION"):
        train(lk, "t", Settings())
    with pytest.raises(UnknownName, match="unknown recorded mixture 'm@2'; did you mean 'm@1'"):
        train(lk, "t", Settings("m@2"))
    assert tokens.names(lk) == []


@pytest.mark.parametrize("written", ["train_from_iterator", "facts.json"])
def test_a_killed_training_leaves_the_name_free(lk, written):
    script = f"""
import os, signal, sys
import lake
from kormo_ds.tokenizer import Settings, train
from lake import Lake

def dying(self, data, *parts):
    if {written!r} == "facts.json":
        write_bytes(self, data, *parts)
    os.kill(os.getpid(), signal.SIGKILL)

write_bytes, Lake.write_bytes = Lake.write_bytes, dying
train(lake.open({lk.root!r}), "t", Settings("m", 290))
"""
    ran = subprocess.run([sys.executable, "-c", script], timeout=60)
    assert ran.returncode == -signal.SIGKILL
    assert tokens.names(lk) == []
    assert not train(lk, "t", Settings("m", 290)).was_there
    assert sorted(os.listdir(Path(lk.path("tokenizers", "t")))) == ["facts.json", "tokenizer.json"]
