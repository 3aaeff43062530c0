"""`dclm_lines`: which lines go, and what is left."""

import pyarrow as pa
import pytest

from kormo_ds.errors import BadConfig, UnknownName
from kormo_ds.steps.dclm_lines import RULES, DclmLines
from lake.spans import SPANS


def edited(text, origin="crawled", **settings):
    batch = pa.RecordBatch.from_pydict({"text_clean": [text], "origin": [origin]})
    (row,) = DclmLines(**settings)(batch).to_pylist()
    return row


def left(text, row):
    data = text.encode()
    for span in reversed(row["line_spans"]):
        data = data[: span["start"]] + data[span["end"] :]
    return data.decode()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("2024 07 01", "numeric"),
        ("123", "numeric"),
        ("1,234 명이 왔다", None),
        ("3 likes", "counter"),
        ("1.2K Followers", "counter"),
        ("Comments (12)", "counter"),
        ("조회 123", "counter"),
        ("조회수 : 1,234회", "counter"),
        ("댓글 3", "counter"),
        ("3개의 댓글", "counter"),
        ("좋아요 12개", "counter"),
        ("조회 1.2만 · 추천 4 · 댓글 5", "counter"),
        ("댓글 3개가 더 달렸다", None),
        ("2. Retweet it", None),
        ("조회 수를 늘리는 3가지 방법", None),
        ("There are 3 items in cart", "boilerplate"),
        ("The president spoke. Read more...", "boilerplate"),
        ("sign-in to see the rest", "boilerplate"),
        ("Please do not sign-in twice today", None),
        ("뉴스 더 보기 >", "boilerplate"),
        ("표를 더 보기 좋게 다듬는다", None),
        ("로그인 | 회원가입 | 장바구니", "boilerplate"),
        ("로그인 페이지를 먼저 만든다", None),
        ("ⓒ 모모일보, 무단 전재 및 재배포 금지", "boilerplate"),
        ("무단 전재 는 법 으로 금지 되어 있다 고 그 는 오래 말했다", None),
        ("THE END of a CHAPTER", "uppercase"),
        ("The NATO treaty", None),
        ("개요", "single_word"),
        ("- item", "single_word"),
        ("하나 둘", None),
        ("우리나라에서제일재미있는영화", None),
        ("今日はとても良い天気です。", None),
        ("## 개요", None),
        ("---", None),
        ("    return", None),
    ],
)
def test_the_first_rule_that_holds(line, rule):
    row = edited(line + "\n")
    assert {name: row[f"n_lines_{name}"] for name in RULES} == {
        name: int(name == rule) for name in RULES
    }
    assert left(line + "\n", row) == ("" if rule else line + "\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("하나 둘\n로그인\n셋 넷\n", "하나 둘\n셋 넷\n"),
        ("하나 둘\n\n로그인\n\n셋 넷", "하나 둘\n\n셋 넷"),
        ("하나 둘\n\n\n\n\n셋 넷", "하나 둘\n\n셋 넷"),
        ("하나 둘\n \n\t\n셋 넷", "하나 둘\n \n셋 넷"),
        ("하나 둘\n로그인", "하나 둘\n"),
        ("로그인", ""),
        ("", ""),
        ("```\nx\n\n\n\ny\n```\n", "```\nx\n\n\n\ny\n```\n"),
        ("한 줄\n```\n\n\n\n```\n\n\n끝 줄", "한 줄\n```\n\n\n\n```\n\n끝 줄"),
    ],
)
def test_what_is_left(text, expected):
    assert left(text, edited(text)) == expected


def test_neighbours_are_one_span_and_all_columns_are_there():
    text = "가 나\n12\n댓글 3\n\n\n다 라\nOK GO\n"
    assert edited(text) == {
        "line_spans": [{"start": 8, "end": 20}, {"start": 21, "end": 22}, {"start": 30, "end": 36}],
        "n_lines_numeric": 1,
        "n_lines_counter": 1,
        "n_lines_boilerplate": 0,
        "n_lines_uppercase": 1,
        "n_lines_single_word": 0,
        "n_lines_blank": 1,
        "line_removed_share": pytest.approx(5 / 9),
        "dclm_lines_reason": "too_much_removed",
    }
    both = {"text_clean": [text, text], "origin": ["curated", "crawled"]}
    batch = pa.RecordBatch.from_pydict(both).slice(1)
    assert DclmLines()(batch).schema.field("line_spans").type == SPANS


@pytest.mark.parametrize(("words", "reason"), [(19, "kept"), (18, "too_much_removed")])
def test_one_word_in_twenty_is_not_too_much(words, reason):
    assert edited("w " * words + "\nalone\n")["dclm_lines_reason"] == reason


@pytest.mark.parametrize(
    ("settings", "line", "goes"),
    [
        ({"min_words": 1}, "alone", False),
        ({"min_words": 3}, "two words", True),
        ({"max_uppercase": 1.0}, "ALL CAPITALS", False),
        ({"max_boilerplate_words": 2}, "뉴스 더 보기", False),
        ({"max_east_asian_alone": 20}, "우리나라에서제일재미있는영화", True),
    ],
)
def test_settings(settings, line, goes):
    assert left(line, edited(line, **settings)) == ("" if goes else line)


def test_blank_lines_may_stay():
    assert edited("a b\n\n\n\n\nc d", max_newlines=0)["n_lines_blank"] == 0


@pytest.mark.parametrize("origin", ["curated", "synthetic", "translated"])
def test_only_documents_of_some_origins_lose_lines(origin):
    text = "가 나\n댓글 3\n"
    row = edited(text, origin)
    assert (row["line_spans"], row["n_lines_counter"]) == ([], 1)
    assert (row["line_removed_share"], row["dclm_lines_reason"]) == (0.5, "kept")
    assert left(text, edited(text, origin, origins=f"crawled,{origin}")) == "가 나\n"
    assert left(text, edited(text, origins="")) == text


def test_settings_that_make_no_sense():
    with pytest.raises(UnknownName, match="unknown origin 'crwaled'; did you mean 'crawled'?"):
        DclmLines(origins="crwaled")
    with pytest.raises(BadConfig, match="dclm_lines.max_removed=5 is no share; give 0 to 1"):
        DclmLines(max_removed=5)
    with pytest.raises(BadConfig, match="dclm_lines.min_words=-1 is negative; give 0 or more"):
        DclmLines(min_words=-1)
