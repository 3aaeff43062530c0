"""A prompt's file, read and filled in; every fault with its message; the shipped prompts."""

import re

import pytest

from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.generate import prompt
from kormo_ds.recorded import prompts as recorded
from kormo_ds.steps.language import Language

SHIPPED = prompt.library()
GOOD = """\
---
id: blog_ko
version: 2
language: ko
style: blog
purpose: 시험
parameters:
  audience: [어린이, 어른]
topic_line: "주제: $topic"
system: 짧게 쓰세요.
---
값은 $$5입니다.
$topic_line
독자: $audience
$seed
"""


@pytest.fixture
def file(tmp_path):
    def write(text, name="blog_ko.md"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_filled_in(file):
    made = prompt.read(file(GOOD))
    assert (made.name, made.language, made.style, made.version) == ("blog_ko@2", "ko", "blog", 2)
    assert made.parameters == {"audience": ("어린이", "어른")}
    assert made.messages("씨앗", {"audience": "어른"}, "바다") == (
        ("system", "짧게 쓰세요."),
        ("user", "값은 $5입니다.\n주제: 바다\n독자: 어른\n씨앗"),
    )
    assert made.messages("씨앗", {"audience": "어른"})[-1][1] == "값은 $5입니다.\n독자: 어른\n씨앗"


@pytest.mark.parametrize(
    "seed",
    [
        "$audience ${seed} $$ $",
        "{seed} {{ config }} {% raw %} {0} %s",
        "---\nid: x\n---\n\\1 \\g<0>",
        "$topic_line",
    ],
)
def test_a_seed_comes_out_as_it_is(file, seed):
    made = prompt.read(file(GOOD))
    said = made.messages(seed, {"audience": "어른"}, seed)[-1][1]
    assert said == f"값은 $5입니다.\n주제: {seed}\n독자: 어른\n{seed}"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("---\n", "", 1), BadInput, "no header: it begins with a line ---"),
        (("style: blog", "style: [", 1), BadInput, "its header is not YAML"),
        ((GOOD[4 : GOOD.rindex("---")], "- a\n", 1), BadInput, "its header holds no names"),
        (("style: blog\n", "", 1), BadInput, "its header has no style"),
        (("style: blog\n", "style:\n", 1), BadInput, "its header has no style"),
        (("style:", "stile:", 1), UnknownName, "unknown header field 'stile'; did"),
        (("version: 2", "version: two", 1), BadInput, "version 'two' is not a whole number"),
        (("version: 2", "version: 0", 1), BadInput, "version 0 is not 1 or more"),
        (("id: blog_ko", "id: Blog", 1), BadInput, "id 'Blog' is not of small letters"),
        (("id: blog_ko", "id: blog", 1), BadInput, "its id is 'blog'; call the file blog.md"),
        (("language: ko", "language: 한국어", 1), BadInput, "language '한국어' is not a"),
        (("language: ko", "language: en", 1), BadInput, r"not in 'en' \(100% of the letters are"),
        (("값은", "price is what one pays, and the value is", 9), BadInput, "not in 'ko'"),
        (("system:", "origin: crawled\nsystem:", 1), UnknownName, "unknown origin 'crawled'"),
        (("$seed", "씨앗", 1), BadInput, r"its body has no \$seed"),
        (("$audience", "$audiense", 1), UnknownName, "unknown placeholder 'audiense'; did"),
        (("독자: $audience\n", "", 1), BadInput, "parameter audience is not used"),
        (("[어린이, 어른]", "[]", 1), BadInput, r"parameter audience: \[\] cannot be"),
        (("[어린이, 어른]", "어른", 1), BadInput, "parameters must be names with lists"),
        (("$$5", "$5", 1), BadInput, r"its body holds a \$ that begins no placeholder"),
        (("$topic_line\n", "", 1), BadInput, "need each other"),
        (("주제: $topic", "주제", 1), BadInput, r"must hold \$topic, and no other"),
        (("system:", "reasoning: en\nsystem:", 1), BadInput, r"its body must be \$seed alone"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_faults(file, change, error, message):
    with pytest.raises(error, match=message) as raised:
        prompt.read(file(GOOD.replace(*change)))
    assert "blog_ko.md" in str(raised.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(BadInput, match="cannot read prompt .*gone.md"):
        prompt.read(tmp_path / "gone.md")
    (tmp_path / "odd.md").write_bytes(b"---\nid: \xff\n---\n")
    with pytest.raises(BadInput, match="cannot read prompt .*odd.md"):
        prompt.read(tmp_path / "odd.md")


def test_own_prompts_go_before_shipped_ones(file, tmp_path):
    path = file(GOOD)
    assert prompt.library(str(tmp_path))["blog_ko"] == path
    assert set(prompt.library(str(tmp_path))) == set(SHIPPED)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "blog_ko.md").write_text(GOOD, encoding="utf-8")
    with pytest.raises(BadInput, match="two prompts have the id 'blog_ko'"):
        prompt.library(str(tmp_path))
    with pytest.raises(BadInput, match="prompt_folder=gone is not a folder"):
        prompt.library("gone")


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped(name):
    made = prompt.read(SHIPPED[name])
    values = {key: listed[0] for key, listed in made.parameters.items()}
    said = made.messages("SEED TEXT", values, "TOPIC" if made.topic_line else "")
    assert said[-1][1].count("SEED TEXT") == 1 and "$" not in said[-1][1]
    assert all(value in said[-1][1] for value in values.values())
    assert not re.search(r"\n{3}|[ \t]\n", made.text), "no stray white space"
    ((language, _),) = Language().detect([recorded.instructions(made.text)])
    assert language == (made.written_in or made.language)


def test_shipped_styles_are_there_in_both_languages():
    made = [prompt.read(path) for path in SHIPPED.values()]
    styles = {
        language: {p.style for p in made if p.language == language} for language in ("ko", "en")
    }
    assert styles["en"] <= styles["ko"]
    assert {"textbook", "blog", "wiki", "dialogue", "qa", "howto", "story", "exam"} <= styles["en"]
    assert styles["ko"] - styles["en"] == {"translate", "translate_rewrite", "reasoning"}
    translating = {p.id for p in made if p.origin == "translated"}
    assert translating == {"translate_ko", "translate_en_ko", "translate_ko_en"}


def test_a_prompt_is_kept_in_the_lake_as_it_was(seeds_of):
    lk = seeds_of(1)
    assert recorded.read(lk, "blog_ko@2") is None
    recorded.keep(lk, "blog_ko@2", GOOD)
    recorded.keep(lk, "blog_ko@2", GOOD)
    assert recorded.read(lk, "blog_ko@2") == GOOD
    with pytest.raises(BadConfig, match="prompt blog_ko@2 is not the one .* raise its version"):
        recorded.keep(lk, "blog_ko@2", GOOD + "\n")
    assert "documents" in lk.tables()


def test_what_a_prompt_says_itself():
    assert recorded.instructions(GOOD) == "짧게 쓰세요.\n값은 $5입니다.\n \n독자:  \n "
