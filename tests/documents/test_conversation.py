"""What is a conversation and what is none, as a table of turns."""

import pytest

from kormo_ds.documents import conversation
from kormo_ds.documents.conversation import turn
from kormo_ds.documents.document import Unusable
from kormo_ds.documents.identity import doc_id

LETTERS = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}


def turns(roles):
    return [turn(LETTERS[letter], f"{letter}{i}") for i, letter in enumerate(roles)]


@pytest.mark.parametrize(
    "roles", ["ua", "sua", "ssua", "usa", "uaua", "uua", "uaa", "uata", "suatta", "uatua"]
)
def test_orders_that_real_files_have(roles):
    conversation.check(turns(roles))


@pytest.mark.parametrize(
    ("roles", "reason", "detail"),
    [
        ("", "no_turns", "there is no turn"),
        ("a", "bad_order", "turn 1: assistant speaks before the user"),
        ("saua", "bad_order", "turn 2: assistant speaks before the user"),
        ("tua", "bad_order", "turn 1: tool speaks before the user"),
        ("uta", "bad_order", "turn 2: a tool answers user"),
        ("uasta", "bad_order", "turn 4: a tool answers system"),
        ("s", "unanswered", "the last of 1 turns is system: s0"),
        ("uau", "unanswered", "the last of 3 turns is user: u2"),
        ("uat", "unanswered", "the last of 3 turns is tool: t2"),
    ],
)
def test_orders_that_are_refused(roles, reason, detail):
    with pytest.raises(Unusable) as error:
        conversation.check(turns(roles))
    assert (error.value.reason, error.value.detail) == (reason, detail)
    assert reason in conversation.REASONS


@pytest.mark.parametrize("role", ["user", "assistant", "system"])
def test_only_a_tool_may_say_nothing(role):
    said = [turn("user", "u"), turn("assistant", "a"), turn("tool", ""), turn("assistant", "b")]
    conversation.check(said)
    with pytest.raises(Unusable, match=f"turn 5: {role} says nothing"):
        conversation.check([*said, turn(role, " \n"), *said])


def test_an_unknown_role_is_refused():
    with pytest.raises(Unusable, match="turn 1: critic, not one of system, user, assistant, tool"):
        conversation.check([turn("critic", "x")])


@pytest.mark.parametrize(
    ("content", "given", "expected"),
    [
        ("10", None, (None, "10")),
        ("10", " 5 + 5 \n", ("5 + 5", "10")),
        ("10", "", (None, "10")),
        ("<think>5 + 5</think>10", None, ("5 + 5", "10")),
        ("\n<think>\n5 + 5\n\n</think>\n\n10\n", None, ("5 + 5", "10\n")),
        ("<think>\n\n</think>\n\n10", None, (None, "10")),
        ("5 + 5\n</think>\n\n10", None, ("5 + 5", "10")),
        ("<think>5 + 5</think>10", "5 + 5", ("5 + 5", "10")),
        ("<think></think>10", "5 + 5", ("5 + 5", "10")),
        ("Write <think>x</think> first.", None, (None, "Write <think>x</think> first.")),
        ("a</think>b</think>c", None, (None, "a</think>b</think>c")),
        ("<think>a</think>b</think>c", None, ("a", "b</think>c")),
    ],
)
def test_reasoning_has_a_field_of_its_own(content, given, expected):
    made = turn("assistant", content, given)
    assert (made["reasoning"], made["content"]) == expected


@pytest.mark.parametrize(
    ("role", "content", "given", "detail"),
    [
        ("assistant", "<think>5 + 5", None, "<think> is never closed: <think>5 + 5"),
        ("assistant", "<think>a</think>c", "b", "reasoning is given twice: b and a"),
        ("user", "c", "b", "user has reasoning: b"),
    ],
)
def test_reasoning_that_cannot_be_read(role, content, given, detail):
    with pytest.raises(Unusable) as error:
        turn(role, content, given)
    assert (error.value.reason, error.value.detail) == ("bad_turn", detail)


def test_only_an_assistant_has_its_reasoning_taken_out():
    said = "<think>x</think>What is this?"
    assert turn("user", said) == {"role": "user", "content": said, "reasoning": None}


def test_calls_are_written_as_a_template_writes_them():
    calls = [("날씨", {"도시": "부산"}), ("now", {})]
    blocks = (
        '<tool_call>\n{"name": "날씨", "arguments": {"도시": "부산"}}\n</tool_call>\n'
        '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
    )
    assert conversation.with_calls("", calls) == blocks
    assert conversation.with_calls("A moment.", calls) == f"A moment.\n{blocks}"


def test_the_text_is_all_that_is_said_in_order_without_what_was_thought():
    said = [turn("system", "s"), turn("user", "u"), turn("assistant", "c", "r"), turn("tool", "")]
    assert conversation.text(said) == "s\n\nu\n\nc"


@pytest.mark.parametrize(
    ("thinking", "expected"),
    [([], False), ([1], False), ([3], True), ([5], True), ([1, 3], True)],
)
def test_a_conversation_reasons_where_its_last_answer_does(thinking, expected):
    said = turns("uauata")
    for place in thinking:
        said[place]["reasoning"] = "r"
    assert conversation.reasons(said) is expected


U, A = turn("user", "x"), turn("assistant", "y")


def test_who_says_what_is_identity_though_the_text_is_the_same():
    found = [
        [U, A],
        [turn("system", "x"), A],
        [U, turn("user", "y")],
        [turn("user", "x\n\ny"), turn("assistant", "")],
        [U, turn("assistant", "y", "z")],
        [turn("assistant", "x"), A],
    ]
    assert len({conversation.text(said) for said in found}) == 1
    ids = {doc_id("s", "1", b"x\n\ny", said) for said in [*found, None]}
    assert len(ids) == len(found) + 1


def test_a_conversation_has_this_id_for_ever():
    assert doc_id("wiki", "1", b"x\n\ny", [U, A]) == "53880586eef16cce68c8283a558fd719"
