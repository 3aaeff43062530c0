"""`lexicon` on short texts, with lists of the test's own and with those that are shipped."""

import pyarrow as pa
import pytest

from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.steps.lexicon import Lexicon, _forms
from kormo_ds.steps.words import HASHES
from kormo_ds.text import hashes, words

OWN = """
source: written for this test
endings: [["", 들], ["", 이, 에게]]
terms:
  insults: {stems: [바보], words: [Meh]}
  identity: {stems: [학생], words: []}
"""


def rows(texts, **settings):
    column = pa.array(texts, pa.string())
    found = hashes.of_words(column, words.boundaries(column))
    return Lexicon(**settings)(pa.RecordBatch.from_pydict({HASHES: found})).to_pylist()


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "insults", "identity", "near"),
    [
        ("", 0, 0, 0),
        ("바보", 1, 0, 0),
        ("바보들에게 바보이 바보들", 3, 0, 0),
        # inside of another word, or with an ending that is not of the list
        ("바보상자 왕바보 바보가", 0, 0, 0),
        ("meh MEH Meh mEH", 3, 0, 0),
        ("바보 학생들이", 1, 1, 1),
        ("바보 하나 둘 셋 넷 학생", 1, 1, 1),
        ("바보 하나 둘 셋 넷 다섯 학생", 1, 1, 0),
        ("학생, 학생! 바보 바보", 2, 2, 2),
    ],
)
def test_counts(own, text, insults, identity, near):
    (found,) = rows([text], lists=own)
    assert (found["n_insults"], found["n_identity"], found["n_insults_near_identity"]) == (
        insults,
        identity,
        near,
    )


def test_rates_are_of_words_with_punctuation(own):
    found = rows(["바보 하나, 학생 학생.", "", "하나"], lists=own)
    assert [(row["insults_per_1000"], row["identity_per_1000"]) for row in found] == [
        (pytest.approx(1000 / 6), pytest.approx(2000 / 6)),
        (0, 0),
        (0, 0),
    ]


def test_near_is_a_setting(own):
    texts = ["바보 하나 학생"]
    assert [rows(texts, lists=own, near=n)[0]["n_insults_near_identity"] for n in (1, 2)] == [0, 1]


def test_the_shipped_lists():
    found = rows(
        [
            "그 멍청이들이 외국인에게 소리쳤다.",
            "2024년 새끼 고양이가 쓰레기통 옆에 있다.",
            "You IDIOT! Women's rights; idiots, idiotproof.",
        ]
    )
    assert [(row["n_insults"], row["n_identity"]) for row in found] == [(1, 1), (0, 0), (2, 1)]
    for forms in _forms("ko,en").values():
        assert len(forms) > 1000


def test_lists_can_be_one_language_and_make_the_fingerprint(own):
    assert rows(["idiot"], lists="ko")[0]["n_insults"] == 0
    prints = {
        Lexicon(lists=lists, near=near).fingerprint
        for lists in ("ko", "en", "ko,en", own)
        for near in (3, 5)
    }
    assert len(prints) == 8
    assert Lexicon(lists="en,ko").fingerprint == Lexicon().fingerprint


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("[", BadInput, "is not a lexicon"),
        ("[]", BadInput, "is not a lexicon"),
        ("just words", BadInput, "it needs source, endings and terms.insults"),
        (OWN.replace("source: written for this test", ""), BadInput, "is not a lexicon ('source')"),
        (OWN.replace("written for this test", "''"), BadInput, "source is empty"),
        (OWN.replace("Meh", "두 낱말"), BadInput, "the term '두 낱말' is 2 words and not one"),
        (OWN.replace("Meh", "' '"), BadInput, "the term ' ' is 0 words and not one"),
    ],
)
def test_a_list_that_cannot_be_used(tmp_path, text, error, message):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error) as raised:
        Lexicon(lists=str(path)).at(None)
    assert message in str(raised.value)


def test_settings_that_cannot_be_used():
    with pytest.raises(UnknownName, match="unknown lexicon 'koo'; did you mean 'ko'"):
        Lexicon(lists="koo").at(None)
    with pytest.raises(BadConfig, match="lexicon.lists= holds no word"):
        Lexicon(lists="").at(None)
    with pytest.raises(BadConfig, match="lexicon.near=0 is no distance"):
        Lexicon(near=0)
