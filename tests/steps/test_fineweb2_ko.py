"""`fineweb2_ko`: signals and reasons on literal texts, in eojeols and in morphemes."""

import sys

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import BadConfig
from kormo_ds.steps.fineweb2_ko import FineWeb2Ko
from kormo_ds.steps.words import WordHashes, WordLengths, Words
from kormo_ds.text import morphemes

PROSE = """바다는 아침마다 다른 빛깔로 마을을 깨운다.
어부들은 해가 뜨기 전에 그물을 손질하고 배를 띄운다.
시장에는 갓 잡은 생선과 밭에서 뽑은 무가 나란히 놓인다.
도서관의 낡은 책장에는 지난 백 년의 신문이 묶여 있다.
할머니는 장독대에서 된장을 퍼 담으며 올해 콩 농사를 이야기했다.
"""
SENTENCES = PROSE.splitlines()
UNREPEATED = {f"max_top_{n}gram_frac": 9.0 for n in (2, 3, 4)} | {
    f"max_dup_{n}gram_frac": 9.0 for n in range(5, 11)
}
"""Of a short text even the most frequent words are much, so other rules are tried apart."""


def judged(*texts, langs=None, **settings):
    columns = {"text_clean": pa.array(texts, pa.string())}
    columns["lang"] = pa.array(langs or ["ko"] * len(texts), pa.string())
    for shared in (Words(), WordHashes(), WordLengths()):
        given = pa.RecordBatch.from_pydict({name: columns[name] for name in shared.reads})
        made = shared(given)
        columns[made.schema.names[0]] = made.column(0)
    return FineWeb2Ko(**settings)(pa.RecordBatch.from_pydict(columns)).to_pylist()


@pytest.mark.parametrize("words", ["eojeol", "kiwi"])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PROSE, "kept"),
        ("", "no_text"),
        (" \n", "no_text"),
        ("안녕하세요.\n" * 9, "dup_lines"),
        ("1 + 1 = 2 는 3 - 1 = 2 와 같은 것이다", "few_alphabetic_words"),
        ("사과 감자 고구마 배추 버섯 구매 주문.", "few_stop_words"),
        (PROSE.replace(".", ""), "few_line_ends"),
        ("\n".join([*SENTENCES, SENTENCES[-1]]), "dup_line_chars"),
        (PROSE.replace(" ", "\n").replace("\n", ".\n", 6), "list_like"),
    ],
    ids=ascii,
)
def test_reason(text, reason, words):
    (row,) = judged(text, words=words, **UNREPEATED)
    assert row["fineweb2_ko_reason"] == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PROSE, "kept"),
        ("안녕 친구야 " * 9, "top_2gram"),
        (PROSE + SENTENCES[1] + " " + SENTENCES[4] + " " + SENTENCES[3], "dup_5gram"),
    ],
    ids=ascii,
)
def test_repetition(text, reason):
    assert judged(text)[0]["fineweb2_ko_reason"] == reason


def test_signals_of_eojeols():
    (row,) = judged("바다는 넓다.\n바다는 깊다!\n산이 높고")
    assert row == {
        "fw2_dup_line_frac": 0,
        "fw2_top_2gram_frac": pytest.approx(6 / 21),
        "fw2_top_3gram_frac": pytest.approx(8 / 21),
        "fw2_top_4gram_frac": pytest.approx(12 / 21),
        **{f"fw2_dup_{n}gram_frac": 0 for n in range(5, 11)},
        "fw2_mean_word_length": pytest.approx(14 / 6),
        "fw2_alpha_word_frac": pytest.approx(6 / 8),
        "fw2_stop_words": 4,
        "fw2_line_punct_frac": pytest.approx(2 / 3),
        "fw2_dup_line_char_frac": 0,
        "fw2_newlines_per_word": pytest.approx(2 / 8),
        "fineweb2_ko_reason": "top_2gram",
    }


def test_signals_of_morphemes():
    (row,) = judged("집으로 간다.\n산이 있다", words="kiwi")
    # 집 으로 간 간다→(가 ㄴ다) . 산 이 있 다: contracted morphemes share their syllable.
    assert row["fw2_stop_words"] == 4
    assert row["fw2_newlines_per_word"] == pytest.approx(
        1 / len(morphemes.of(["집으로 간다.\n산이 있다"])[0])
    )
    assert row["fw2_mean_word_length"] < 2


def test_other_languages_are_kept_and_have_no_signals():
    rows = judged("a", PROSE, "안녕 " * 9, langs=["en", "ko-KR", None])
    assert [row.pop("fineweb2_ko_reason") for row in rows] == ["kept"] * 3
    assert [set(row.values()) == {0} for row in rows] == [True, False, True]


@pytest.mark.parametrize(
    ("setting", "value", "text"),
    [
        ("max_dup_line_frac", 1.0, PROSE + SENTENCES[0] + "\n" + "다\n" * 9),
        ("min_stop_words", 0, "사과 감자 고구마 배추 버섯 구매 주문."),
        ("min_line_punct", 0.0, PROSE.replace(".", "")),
        ("max_dup_line_chars", 1.0, "\n".join([*SENTENCES, SENTENCES[-1]])),
        ("max_newlines_per_word_eojeol", 1.0, PROSE.replace(" ", "\n")),
    ],
)
def test_settings(setting, value, text):
    assert judged(text, **UNREPEATED)[0]["fineweb2_ko_reason"] != "kept"
    (row,) = judged(text, **UNREPEATED | {setting: value, "max_dup_line_chars": 1.0})
    assert row["fineweb2_ko_reason"] == "kept"


def test_thresholds_of_eojeols_are_their_own():
    assert judged(PROSE, min_alpha_words=1.0)[0]["fineweb2_ko_reason"] == "kept"
    (row,) = judged(PROSE, min_alpha_words=1.0, words="kiwi")
    assert row["fineweb2_ko_reason"] == "few_alphabetic_words"
    (row,) = judged(PROSE, max_mean_word_length_eojeol=2)
    assert row["fineweb2_ko_reason"] == "long_words"
    (row,) = judged(PROSE, min_mean_word_length=5)
    assert row["fineweb2_ko_reason"] == "short_words"


def test_settings_that_make_no_sense(tmp_path, monkeypatch):
    with pytest.raises(BadConfig, match="fineweb2_ko.words=mecab is none of eojeol and kiwi"):
        FineWeb2Ko(words="mecab")
    with pytest.raises(BadConfig, match="fineweb2_ko.min_line_punct=-1 is no threshold"):
        FineWeb2Ko(min_line_punct=-1)
    lk = lake.create(tmp_path / "lake")
    assert FineWeb2Ko(words="kiwi").at(lk).fingerprint != FineWeb2Ko().fingerprint
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    with pytest.raises(
        BadConfig, match=r"need the package kiwipiepy; pip install 'kormo-ds\[kiwi\]'"
    ):
        FineWeb2Ko(words="kiwi").at(lk)


def test_morphemes_that_are_contracted_are_each_a_word():
    (found,) = morphemes.of(["했다. 12345678901234567890 집으로"])
    assert found == ["했", "했", "다", ".", "집", "으로"]
    texts, bounds = morphemes.as_words([found, []])
    assert texts.to_pylist() == ["했했다.집으로", ""]
    assert bounds.to_pylist() == [[0, 3, 6, 9, 10, 13, 19], []]
