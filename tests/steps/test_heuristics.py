"""Each reason of the four heuristic steps on a document of which it is true, and what SQL sees."""

import json
from dataclasses import fields
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import zstandard

from kormo_ds.steps import C4, FineWeb, GopherQuality, GopherRepetition
from kormo_ds.steps.run import ordered

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
STEPS = GopherQuality(), GopherRepetition(), C4(), FineWeb()
KO = (
    "아침마다 바다는 다른 빛깔로 마을을 깨운다. "
    "어부들은 해가 뜨기 전에 그물을 손질하고 배를 띄운다."
)
EN = "The harbour wakes before the town does, and the gulls have to be the first of all. "
CODE = "def load(path):\n    return open(path).read()\n"


def computed(steps, texts, langs=None):
    """The columns of steps for texts, the shared ones among them."""
    columns = {
        "text_clean": pa.array(texts, pa.string()),
        "lang": pa.array(langs or [None] * len(texts), pa.string()),
    }
    for step in ordered(steps, list(columns)):
        got = step(pa.RecordBatch.from_pydict({name: columns[name] for name in step.reads}))
        columns |= {name: got.column(name) for name in got.schema.names}
    return columns


def one(step, text, lang=None):
    found = computed([step], [text], [lang])
    return {column.name: found[column.name][0].as_py() for column in step.writes}


@pytest.mark.parametrize(
    ("text", "reason", "settings"),
    [
        ("", "no_text", {}),
        (" \n", "no_text", {"min_words": 0}),
        (KO, "few_words", {}),
        (KO * 5, "many_words", {"max_words": 60}),
        ("가 나 다 " * 20, "short_words", {}),
        ("a bb " * 40, "short_words", {}),
        ("supercalifragilistic " * 60, "long_words", {}),
        (KO * 5 + "#" * 20, "many_hashes", {}),
        (KO * 5 + "…" * 20, "many_ellipses", {}),
        ("\n".join(["- " + KO] * 6), "bullet_lines", {}),
        ("\n".join([KO + "…"] * 6), "ellipsis_lines", {}),
        (KO * 5 + "1234 " * 20, "few_alphabetic_words", {}),
        ("bank river " * 40, "few_stop_words", {}),
        (EN * 5, "kept", {}),
        (KO * 5, "kept", {}),
    ],
)
def test_gopher_quality(text, reason, settings):
    assert one(GopherQuality(**settings), text)["gopher_quality_reason"] == reason


def test_gopher_quality_signals():
    text = "The cat, the dog…\n- and 3 of ## us...\n"
    assert one(GopherQuality(), text, "en") == {
        "gopher_words": 8,  # The cat the dog and 3 of us; not , … - # # . . .
        "gopher_mean_word_length": 20 / 8,
        "gopher_hashes_per_word": 2 / 16,
        "gopher_ellipses_per_word": 2 / 16,
        "gopher_bullet_line_frac": 1 / 2,
        "gopher_ellipsis_line_frac": 2 / 2,
        "gopher_alpha_word_frac": 7 / 16,
        "gopher_alpha_nonsymbol_frac": 7 / 8,
        "gopher_stop_words_en": 3,  # the, and, of; 'The' is not in lower case
        "gopher_stop_words_ko": 0,
        "gopher_quality_reason": "few_words",
    }


PLAIN = "bank river stone cloud " * 15
MEAN_OF_2_5 = "나는 오늘 밥을 먹고 학교로 갔다 " * 10


@pytest.mark.parametrize(
    ("text", "lang", "reason"),
    [
        (MEAN_OF_2_5, "ko", "kept"),
        (MEAN_OF_2_5, "kor_Hang", "kept"),
        (MEAN_OF_2_5, None, "kept"),  # by its script
        (MEAN_OF_2_5, "en", "short_words"),
        (PLAIN, "en", "few_stop_words"),
        (PLAIN, "ko", "few_stop_words"),
        (PLAIN, None, "few_stop_words"),
        (PLAIN, "de", "kept"),  # German stop words are not known
        (PLAIN + "the of", "ko", "kept"),  # those of either language count
        (PLAIN + "강은 흐른다", "en", "kept"),
        (PLAIN + "of 강은", "en", "kept"),
        (PLAIN + "the", "ko", "few_stop_words"),
    ],
)
def test_language(text, lang, reason):
    assert one(GopherQuality(), text, lang)["gopher_quality_reason"] == reason


def test_a_korean_page_that_is_half_english_code():
    page = "\n".join([KO, CODE, KO, CODE, KO, CODE, KO])
    for lang in ("ko", "en", None):
        found = one(GopherQuality(min_alpha_words=0.5), page, lang)
        assert (found["gopher_quality_reason"], found["gopher_stop_words_en"]) == ("kept", 0)
        assert found["gopher_stop_words_ko"] == 10  # 는 로 을 다 은 가 에 고 를, and 하 before 고
    of_all, of_text = found["gopher_alpha_word_frac"], found["gopher_alpha_nonsymbol_frac"]
    assert (round(of_all, 2), of_text) == (0.71, 1.0)
    strict = one(GopherQuality(symbols_are_words=True), page, "ko")
    assert strict["gopher_quality_reason"] == "few_alphabetic_words"
    as_in_gopher = one(GopherQuality(), page, "ko")
    assert as_in_gopher["gopher_quality_reason"] == "kept"


NAMES = [f"낱말{i}" for i in range(400)]


def words(n, first=0):
    return " ".join(NAMES[first : first + n])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_text"),
        ("가나\n\n가나\n\n다라", "dup_paragraphs"),
        (f"{words(3)}\n\n{words(3)}\n\n가\n\n나\n\n다\n\n라", "dup_paragraph_chars"),
        ("가나\n가나\n다라", "dup_lines"),
        (f"{words(3)}\n{words(3)}\n가\n나\n다\n라", "dup_line_chars"),
        ("가나 다라 " * 3 + words(4), "top_2gram"),
        ("바닷가 모래밭 조개껍데기 " * 3 + words(20), "top_3gram"),
        ("바 모래밭 조개 " * 2 + "끝 " + words(400), "kept"),
        (f"{words(20)} x {words(20)} y {words(50, 20)}", "dup_5gram"),
        (words(400), "kept"),
    ],
)
def test_gopher_repetition(text, reason):
    assert one(GopherRepetition(), text)["gopher_repetition_reason"] == reason


def test_gopher_repetition_signals():
    found = one(GopherRepetition(), "가 나 다 라 마\n가 나 다 라 마\n\n바")
    assert found == {
        "rep_dup_paragraph_frac": 0,
        "rep_dup_paragraph_char_frac": 0,
        "rep_dup_line_frac": 1 / 3,
        "rep_dup_line_char_frac": 9 / 22,
        "rep_top_2gram_frac": 6 / 22,
        "rep_top_3gram_frac": 10 / 22,
        "rep_top_4gram_frac": 14 / 22,
        "rep_dup_5gram_frac": 5 / 22,
        **{f"rep_dup_{n}gram_frac": 0 for n in range(6, 11)},
        "gopher_repetition_reason": "dup_lines",
    }


@pytest.mark.parametrize("n", range(2, 11))
def test_each_ngram_threshold_is_its_own(n):
    kind = "top" if n < 5 else "dup"
    others = {field.name: 9.0 for field in fields(GopherRepetition)}
    step = GopherRepetition(**others | {f"max_{kind}_{n}gram_frac": 0.1})
    text = f"{words(10)} x {words(10)}"
    assert one(step, text)["gopher_repetition_reason"] == f"{kind}_{n}gram"
    assert one(GopherRepetition(**others), text)["gopher_repetition_reason"] == "kept"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_text"),
        (" \n \n", "no_text"),
        (KO, "few_sentences"),
        (f"{KO} {KO}\n{KO}", "kept"),
        (f"{KO}\n" * 3 + "Lorem ipsum dolor sit amet.", "lorem_ipsum"),
        (f"{KO}\n" * 3 + "함수는 { 와 } 사이에 있다.", "brace"),
        (f"{KO}\n" * 3 + "int main() { return 0; }", "kept"),
        (f"{KO}\n" * 2 + "Please enable Javascript now.", "few_sentences"),
    ],
)
def test_c4(text, reason):
    assert one(C4(), text)["c4_reason"] == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_text"),
        ("\n\n", "no_text"),
        ("\n".join(NAMES[:20]), "few_line_ends"),
        ("\n".join(f"{name}." for name in NAMES[:20]), "short_lines"),
        (f"{KO}\n{KO}", "dup_line_chars"),
        (f"{KO}\n\n\n\n\n\n{EN}".rstrip(), "list_like"),
        (f"{KO}\n{EN}".rstrip(), "kept"),
    ],
)
def test_fineweb(text, reason):
    step = FineWeb(max_newlines_per_word=0.1)
    assert one(step, text)["fineweb_reason"] == reason


def test_fineweb_signals():
    assert one(FineWeb(short_line=3), "가나다.\n가\n\n가") == {
        "fw_line_punct_frac": 1 / 3,
        "fw_short_line_frac": 2 / 3,
        "fw_dup_line_char_frac": 1 / 6,
        "fw_newlines_per_word": 3 / 4,
        "fineweb_reason": "dup_line_chars",
    }


def test_settings_that_are_not_thresholds():
    text = "\n".join(f"{name} 없는 줄" for name in NAMES[:6])
    assert one(C4(), text)["c4_reason"] == "few_sentences"
    assert one(C4(terminal=False), text)["c4_reason"] == "kept"


# What each step decides, said again in SQL over its signals.
IN_SQL = {
    "gopher_quality_reason": """
        gopher_words between 50 and 100000
        and gopher_mean_word_length between if(lang = 'ko', 2, 3) and 10
        and gopher_hashes_per_word <= 0.1 and gopher_ellipses_per_word <= 0.1
        and gopher_bullet_line_frac <= 0.9 and gopher_ellipsis_line_frac <= 0.3
        and gopher_alpha_nonsymbol_frac >= 0.8
        and gopher_stop_words_en + gopher_stop_words_ko >= 2""",
    "gopher_repetition_reason": """
        rep_dup_paragraph_frac <= 0.3 and rep_dup_paragraph_char_frac <= 0.2
        and rep_dup_line_frac <= 0.3 and rep_dup_line_char_frac <= 0.2
        and rep_top_2gram_frac <= 0.2 and rep_top_3gram_frac <= 0.18
        and rep_top_4gram_frac <= 0.16 and rep_dup_5gram_frac <= 0.15
        and rep_dup_6gram_frac <= 0.14 and rep_dup_7gram_frac <= 0.13
        and rep_dup_8gram_frac <= 0.12 and rep_dup_9gram_frac <= 0.11
        and rep_dup_10gram_frac <= 0.1""",
    "c4_reason": "c4_lines_lorem_ipsum + c4_lines_brace = 0 and c4_sentences >= 5",
    "fineweb_reason": """
        fw_line_punct_frac >= 0.12 and fw_short_line_frac <= 0.67
        and fw_dup_line_char_frac <= 0.01 and fw_newlines_per_word <= 0.3""",
}


@pytest.mark.parametrize("name", ["ko/tfdocs_ko", "ko/petitions", "en/synth_arena_hard"])
def test_sql_over_the_signals_decides_as_the_steps_do(name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip(f"no corpus at {path}")
    with zstandard.open(path, "rt", encoding="utf-8") as rows:
        texts = [json.loads(row)["text"] for row in islice(rows, 400)]
    columns = computed(STEPS, texts, [name[:2]] * len(texts))
    names = [column.name for step in STEPS for column in step.writes]
    documents = pa.table({each: columns[each] for each in ["lang", *names]})
    lk = duckdb.connect()
    lk.register("documents", documents)
    for reason, rule in IN_SQL.items():
        query = f"select count(*), count(*) filter ({reason} = 'kept') from documents"
        n, n_kept = lk.execute(query).fetchone()
        assert 0 < n_kept < n == len(texts)
        wrong = f"select count(*) from documents where ({reason} = 'kept') != ({rule})"
        assert lk.execute(wrong).fetchone() == (0,)


def test_nothing_is_null_and_a_batch_may_be_empty():
    columns = computed(STEPS, ["", "가", " \n"])
    empty = computed(STEPS, [])
    for step in STEPS:
        for column in step.writes:
            assert (columns[column.name].null_count, len(columns[column.name])) == (0, 3)
            assert len(empty[column.name]) == 0
