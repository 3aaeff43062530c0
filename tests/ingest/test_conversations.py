"""Rows of instruction files become exactly these turns, or exactly this reject."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lake
from kormo_ds.documents.conversation import turn
from kormo_ds.documents.document import Document
from kormo_ds.errors import BadConfig, UnknownName
from kormo_ds.ingest import Source, ingest
from kormo_ds.ingest.mapping import ToDocument
from kormo_ds.ingest.rows import REASONS, Row

SOURCE = {"path": "a.jsonl", "lang": "ko", "source": "sft", "origin": "synthetic"}
U, A = {"role": "user", "content": "몇 시?"}, {"role": "assistant", "content": "세 시."}
WEATHER = {"name": "weather", "arguments": {"city": "부산"}}
CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "부산"}}\n</tool_call>'


def mapped(form, values, **options):
    source = Source(**{**SOURCE, "conversations": form, **options})
    return ToDocument(source)(Row("/d/a.jsonl", "a.jsonl", 3, values))


def openai(*said):
    return {"messages": list(said)}


def sharegpt(*said, **more):
    return {"conversations": [{"from": role, "value": text} for role, text in said], **more}


ASKED, ANSWERED = turn("user", "몇 시?"), turn("assistant", "세 시.")
THOUGHT = turn("assistant", "세 시.", "시계를 본다.")


@pytest.mark.parametrize(
    ("form", "values", "expected"),
    [
        ("openai", openai(U, A), [ASKED, ANSWERED]),
        ("openai", openai({"role": "developer", "content": "s"}, U, A), "s"),
        ("openai", openai({"role": "system", "content": ""}, U, A), [ASKED, ANSWERED]),
        ("openai", {**openai(U, A), "system": "s"}, "s"),
        ("openai", openai(U, {**A, "reasoning": "시계를 본다."}), [ASKED, THOUGHT]),
        ("openai", openai(U, {**A, "reasoning_content": "시계를 본다."}), [ASKED, THOUGHT]),
        ("openai", openai(U, {**A, "thinking": "시계를 본다."}), [ASKED, THOUGHT]),
        ("openai", openai({**U, "reasoning": None}, {**A, "reasoning": ""}), [ASKED, ANSWERED]),
        (
            "openai",
            openai(U, {"role": "assistant", "content": "<think>시계를 본다.</think>세 시."}),
            [ASKED, THOUGHT],
        ),
        (
            "openai",
            openai({"role": "user", "content": [{"type": "text", "text": "몇 시?"}]}, A),
            [ASKED, ANSWERED],
        ),
        (
            "openai",
            openai(
                U,
                {
                    "role": "assistant",
                    "content": None,
                    "reasoning": "r",
                    "tool_calls": [
                        {
                            "id": "1",
                            "type": "function",
                            "function": {"name": "weather", "arguments": '{"city": "부산"}'},
                        }
                    ],
                },
                {"role": "tool", "tool_call_id": "1", "content": ""},
                A,
            ),
            [ASKED, turn("assistant", CALL, "r"), turn("tool", ""), ANSWERED],
        ),
        (
            "openai",
            openai(U, {"role": "assistant", "function_call": WEATHER}, {"role": "function"}, A),
            [ASKED, turn("assistant", CALL), turn("tool", ""), ANSWERED],
        ),
        ("sharegpt", sharegpt(("human", "몇 시?"), ("gpt", "세 시.")), [ASKED, ANSWERED]),
        ("sharegpt", sharegpt(("human", "몇 시?"), ("gpt", "세 시."), system="s"), "s"),
        (
            "sharegpt",
            sharegpt(
                ("human", "몇 시?"),
                ("function_call", json.dumps([WEATHER, WEATHER])),
                ("observation", "맑음"),
                ("gpt", "세 시."),
            ),
            [ASKED, turn("assistant", f"{CALL}\n{CALL}"), turn("tool", "맑음"), ANSWERED],
        ),
        (
            "sharegpt",
            sharegpt(
                ("human", "몇 시?"),
                ("gpt", CALL),
                ("tool", "<tool_response>\n1\n</tool_response>\n<tool_response>2</tool_response>"),
                ("gpt", "세 시."),
            ),
            [ASKED, turn("assistant", CALL), turn("tool", "1"), turn("tool", "2"), ANSWERED],
        ),
        ("alpaca", {"instruction": "몇 시?", "input": "", "output": "세 시."}, [ASKED, ANSWERED]),
        ("alpaca", {"instruction": "몇 시?", "output": "세 시.", "system": "s"}, "s"),
        (
            "alpaca",
            {"instruction": "더해라.", "input": "1, 2", "output": "3", "history": None},
            [turn("user", "더해라.\n\n1, 2"), turn("assistant", "3")],
        ),
        (
            "alpaca",
            {"instruction": "몇 시?", "output": "세 시.", "history": [["a", "b"]]},
            [turn("user", "a"), turn("assistant", "b"), ASKED, ANSWERED],
        ),
    ],
)
def test_each_form_gives_these_turns(form, values, expected):
    if expected == "s":
        expected = [turn("system", "s"), ASKED, ANSWERED]
    found = mapped(form, values)
    assert isinstance(found, Document), found
    assert found.messages == expected
    assert (found.kind, found.meta) == ("conversation", None)


@pytest.mark.parametrize(
    ("form", "values", "reason", "detail"),
    [
        ("openai", {"text": "x"}, "no_turns", "column 'messages' is missing; there are ['text']"),
        ("openai", {"messages": "x"}, "no_turns", "messages is str: 'x'"),
        ("openai", openai(), "no_turns", "there is no turn"),
        ("openai", openai("x"), "bad_turn", "turn 1: it has no 'role'; there is 'x'"),
        ("openai", openai({"from": "gpt"}), "bad_turn", "turn 1: it has no 'role'; there is ['fr"),
        ("openai", openai({"role": "critic"}), "unknown_role", "turn 1: 'critic', not one of sys"),
        ("openai", openai({"role": ["user"]}), "unknown_role", "turn 1: ['user'], not one of"),
        ("openai", openai({"role": "user", "content": 5}), "bad_turn", "turn 1: content is int"),
        (
            "openai",
            openai({"role": "user", "content": [{"type": "image_url"}]}, A),
            "not_text",
            "turn 1: a part of it is 'image_url'",
        ),
        ("openai", openai({**U, "reasoning": "r"}, A), "bad_turn", "turn 1: user has reasoning: r"),
        ("openai", openai(U, {**A, "reasoning": ["r"]}), "bad_turn", "turn 2: reasoning is list"),
        ("openai", openai(U, {**A, "content": "<think>"}), "bad_turn", "turn 2: <think> is never"),
        ("openai", openai(U, {**A, "content": "<think>r</think>"}), "empty_turn", "turn 2: assist"),
        ("openai", openai(U, {**A, "content": None}), "empty_turn", "turn 2: assistant says noth"),
        ("openai", openai(A), "bad_order", "turn 1: assistant speaks before the user"),
        ("openai", openai(U, A, U), "unanswered", "the last of 3 turns is user: 몇 시?"),
        ("openai", openai({**U, "tool_calls": [WEATHER]}), "bad_turn", "turn 1: user calls a too"),
        ("openai", openai(U, {**A, "tool_calls": [{}]}), "bad_turn", "turn 2: a call of a tool ha"),
        ("openai", openai(U, {**A, "tool_calls": [5]}), "bad_turn", "turn 2: a call of a tool has"),
        (
            "openai",
            openai(U, {**A, "tool_calls": [{"name": "f", "arguments": "{city"}]}),
            "bad_turn",
            "turn 2: a call of a tool is not JSON, Expecting property name",
        ),
        (
            "openai",
            openai(U, {**A, "content": "a\0"}),
            "nul_character",
            "at 7: '몇 시?\\n\\na\\x00'",
        ),
        ("openai", openai(U, {**A, "content": "\ud83d"}), "lone_surrogate", "'\\ud83d' at 6"),
        (
            "openai",
            openai(U, {**A, "content": "x" * 99}),
            "too_long",
            "105 characters; max_chars=50",
        ),
        ("openai", {**openai(U, A), "system": 5}, "bad_turn", "system is int: 5"),
        ("sharegpt", openai(U, A), "no_turns", "column 'conversations' is missing; there are ['me"),
        ("sharegpt", sharegpt(("function_call", "x")), "bad_turn", "turn 1: a call of a tool is"),
        ("sharegpt", sharegpt(("bot", "x")), "unknown_role", "turn 1: 'bot', not one of"),
        ("alpaca", {"text": "x"}, "no_turns", "no 'instruction' and 'output'; there are ['text']"),
        ("alpaca", {"instruction": "x"}, "empty_turn", "turn 2: assistant says nothing"),
        ("alpaca", {"instruction": "x", "output": ["y"]}, "bad_turn", "output is list: ['y']"),
        (
            "alpaca",
            {"instruction": "x", "output": "y", "history": [["a"]]},
            "bad_turn",
            "history holds no pair of texts: ['a']",
        ),
    ],
)
def test_a_row_that_is_no_conversation_says_why(form, values, reason, detail):
    found = mapped(form, values, max_chars=50)
    assert (found.line, found.reason, found.detail[: len(detail)]) == (3, reason, detail)
    assert found.reason in REASONS


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"tools": [{"name": "f"}]}, [{"name": "f"}]),
        ({"tools": '[{"name": "f"}]'}, [{"name": "f"}]),
        ({"tools": "f(x)"}, "f(x)"),
        ({"functions": [{"name": "f"}]}, [{"type": "function", "function": {"name": "f"}}]),
        ({"tools": []}, None),
        ({"tools": ""}, None),
        ({"tools": None}, None),
    ],
)
def test_tools_that_may_be_called_are_kept_in_meta(values, expected):
    found = mapped("openai", {**openai(U, A), **values, "score": 1}, columns={"meta": "score"})
    kept = {"score": 1} | ({"tools": expected} if expected else {})
    assert json.loads(found.meta) == kept


def test_meta_of_all_columns_leaves_the_turns_out():
    values = {"data": {"turns": [U, A]}, "system": "s", "score": 1}
    columns = {"messages": "data.turns", "meta": "*"}
    found = mapped("openai", values, columns=columns, kind="chat")
    assert (found.meta, found.kind) == ('{"score": 1}', "chat")
    assert [said["role"] for said in found.messages] == ["system", "user", "assistant"]


def test_who_says_what_is_part_of_the_id():
    said_by_user = mapped("openai", openai(U, {"role": "user", "content": "세 시."}, U, A))
    said_by_assistant = mapped("openai", openai(U, A, U, A))
    assert said_by_user.text == said_by_assistant.text
    assert said_by_user.doc_id != said_by_assistant.doc_id


def test_the_form_of_the_file_is_not_part_of_the_id():
    one = mapped("sharegpt", sharegpt(("human", "몇 시?"), ("gpt", "세 시.")))
    assert one.doc_id == mapped("openai", openai(U, A)).doc_id


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        (openai(U, A), "conversations=openai"),
        (sharegpt(), "conversations=sharegpt"),
        ({"instruction": "x", "output": "y"}, "conversations=alpaca"),
    ],
)
def test_rows_without_text_that_look_like_conversations_name_the_option(values, hint):
    found = ToDocument(Source(**SOURCE))(Row("a.jsonl", "a.jsonl", 1, values))
    assert found.reason == "no_text"
    assert found.detail.endswith(f"; if rows are conversations, say so: {hint}")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"conversations": "sharegtp"}, UnknownName, "did you mean 'sharegpt'?"),
        ({"conversations": "openai", "columns": {"text": "t"}}, BadConfig, "no columns.text"),
        ({"columns": {"messages": "m"}}, BadConfig, "conversations=openai or conversations=share"),
        ({"conversations": "alpaca", "columns": {"messages": "m"}}, BadConfig, "columns.messages"),
    ],
)
def test_options_that_contradict_each_other(options, error, message):
    with pytest.raises(error, match=message):
        Source(**{**SOURCE, **options})


ROWS = [openai(U, A), openai(U, {**A, "reasoning": "시계를 본다."}), openai(U)]


def write_lines(path):
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))


def write_array(path):
    path.write_text(json.dumps(ROWS, indent=2, ensure_ascii=False))


def write_parquet(path):
    pq.write_table(pa.Table.from_pylist(ROWS), path)


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.jsonl", write_lines), ("a.json", write_array), ("a.parquet", write_parquet)],
)
def test_files_of_conversations_are_documents_with_messages(tmp_path, name, write):
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / name)
    (folder / "README.md").write_text("# A card")
    source = Source(**{**SOURCE, "path": str(folder), "conversations": "openai"})
    lk = lake.create(tmp_path / "lake")
    done = ingest(lk, [source])
    assert (done.n_read, done.n_added) == (4, 2)
    assert done.rejected == {"no_turns": 1, "unanswered": 1}
    held = lk.dataset("documents").to_table().to_pylist()
    assert [row["messages"] for row in held] == [[ASKED, ANSWERED], [ASKED, THOUGHT]]
    assert [row["text"] for row in held] == ["몇 시?\n\n세 시."] * 2
    assert ingest(lk, [source]).n_present == 2
