"""Files of toggles: those that are shipped, and every fault with its message."""

import re

import pytest

from kormo_ds.conversations import toggle
from kormo_ds.errors import BadInput

HANGUL = re.compile("[가-힣]")
HEAD = "---\nid: {id}\nversion: {version}\nlanguage: ko\npurpose: A test.\n---\n"


def test_the_shipped_toggles_are_pairs_in_their_language():
    found = toggle.library()
    assert found.keys() == {(style, lang) for style in toggle.STYLES for lang in ("ko", "en")}
    texts = [text for one in found.values() for text in one.texts]
    assert len(texts) == len(set(texts))
    for (_, lang), one in found.items():
        assert len(one.texts) >= 5
        korean = [bool(HANGUL.search(text)) for text in one.texts]
        assert korean == [lang == "ko"] * len(one.texts)


def write(folder, name="toggle_think_ko", body="켜짐.\n\n켜기.\n", **header):
    head = HEAD.format(**{"id": name, "version": 2, **header})
    (folder / f"{name}.md").write_text(head + body)
    return folder / f"{name}.md"


def test_a_file_is_its_alternatives(tmp_path):
    one = toggle.read(write(tmp_path, body="\n첫째\n둘째 줄\n \n둘째.\n\n\n"))
    assert (one.name, one.style, one.language) == ("toggle_think_ko@2", "think", "ko")
    assert one.texts == ("첫째\n둘째 줄", "둘째.")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"body": " \n"}, "its body needs alternatives, none twice"),
        ({"body": "a\n\na"}, "its body needs alternatives, none twice"),
        ({"body": "Use <think>."}, "spells a control token"),
        ({"id": "other"}, "id 'other' and language 'ko' must be those of its name"),
        ({"name": "toggle_on_ko"}, "must be those of its name"),
        ({"name": "toggle_think_en"}, "must be those of its name"),
        ({"version": "1.5"}, "version 1.5 is not a whole number"),
        ({"version": ""}, "its header has no version"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, given, message):
    with pytest.raises(BadInput, match=re.escape(message)):
        toggle.read(write(tmp_path, **given))


@pytest.mark.parametrize("data", [b"no header", b"---\n[a]\n---\nx", b"---\na: [\n---\nx", b"\xff"])
def test_a_file_without_a_header_is_refused(tmp_path, data):
    (tmp_path / "toggle_think_ko.md").write_bytes(data)
    with pytest.raises(BadInput, match="toggle_think_ko.md"):
        toggle.read(tmp_path / "toggle_think_ko.md")


def test_a_folder_of_ones_own_needs_pairs(tmp_path):
    with pytest.raises(BadInput, match="toggles=nowhere is not a folder"):
        toggle.library("nowhere")
    with pytest.raises(BadInput, match="no toggle_think_ko.md in"):
        toggle.library(str(tmp_path))
    write(tmp_path)
    with pytest.raises(BadInput, match=f"no toggle_no_think_ko.md in {tmp_path}"):
        toggle.library(str(tmp_path))
    write(tmp_path, "toggle_no_think_ko", "꺼짐.")
    assert toggle.library(str(tmp_path)).keys() == {("think", "ko"), ("no_think", "ko")}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("답하라. /no_think", True),
        ("/think, please", True),
        (
            "앞.\n\nreasoning=on. 답변마다 사고 과정을 먼저 쓴다.",
            True,
        ),
        ("see /thinker and x/think", False),
        ("Please think.", False),
    ],
)
def test_a_toggle_is_found_in_what_is_said(said, expected):
    assert (toggle.known(toggle.library()).search(said) is not None) is expected


def test_a_draw_is_for_ever():
    one = toggle.Toggle("t", 1, "think", "ko", ("a", "b", "c", "d"))
    assert [one.drawn(f"{i}", 42) for i in range(8)] == list("acacbadd")
