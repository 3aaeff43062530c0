"""Documents into another language by a server that says what it is told to."""

import json

import pyarrow as pa
import pytest

import lake
from kormo_ds.documents.translated import SOURCE_REASONING
from kormo_ds.errors import KormoError
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.translate import chosen, run
from kormo_ds.generate.translate.settings import Settings
from kormo_ds.generate.translate.work import REASONS, How, requests
from kormo_ds.recorded import prompts
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.run import run as run_steps
from kormo_ds.steps.translation import Translation
from tests.generate.planned import SEEDS
from tests.generate.translate.given import CODE, by, documents, key, made, says, translate, turn


def test_a_document_and_what_is_known_of_it(lk, faulty):
    text = f"# The sea\n\n{CODE}\n\nIt is $x$.\n"
    documents(lk, p={"text": text, "url": "u", "license": "MIT"})
    says(faulty, {"The sea": "# 바다\n\n⟦K1⟧\n\n⟦K2⟧이다."})
    done = translate(lk, faulty)
    assert (done.n_read, done.n_added, done.n_present, done.rejected) == (1, 1, 0, {})
    (row,) = lk.dataset("documents").to_table(filter="origin = 'translated'").to_pylist()
    assert row.pop("doc_id") and row.pop("ingest_run") == done.ingest_run
    assert row == {
        "source_id": key("p"),
        "text": f"# 바다\n\n{CODE}\n\n$x$이다.\n",
        "messages": None,
        "lang": "ko",
        "source": "web_ko",
        "origin": "translated",
        "kind": "page",
        "url": "u",
        "license": "MIT",
        "meta": None,
        "parent_id": key("p"),
        "synthesizer": "Model",
        "prompt_style": "translation",
        "prompt_id": "translate_en_ko@1",
    }
    assert prompts.read(lk, "translate_en_ko@1").startswith("---\nid: translate_en_ko")
    run_steps(lk, [Translation()])
    reasons = lk.dataset("documents").to_table(columns=["translation_reason"])
    assert reasons.column(0).to_pylist() == ["kept", "kept"]


def test_long_texts_are_translated_in_pieces(lk, faulty):
    paragraphs = [f"Paragraph {name}. " + "x" * 180 for name in "abcd"]
    documents(lk, p="\n\n\n".join(paragraphs) + f"\n\n{CODE}\n")
    says(faulty, {f"Paragraph {name}": f" {name} 문단 \n" for name in "abcd"})
    translate(lk, faulty, piece=200)
    pieces = "\n\n\n".join(f"{name} 문단" for name in "abcd")
    assert made(lk) == by("p", f"{pieces}\n\n{CODE}\n")
    assert faulty.counts()["requests"] == 4, "code alone is not asked for"


def test_context_is_the_source_before_a_piece(lk):
    documents(lk, p=f"Paragraph one. {'x' * 150}\n\nParagraph two. {'y' * 150}")
    settings = Settings(to="ko", where="true", endpoint="small", piece=200, context=20)
    (parent,) = chosen.choose(lk, settings)
    how = How(settings.forth(), "m", settings)
    first, second = (one.messages[0][1] for one in requests(parent, how))
    assert "[바로 앞의 원문" not in first and first.endswith("x" * 150)
    assert f"번역하지 마세요]\n{'x' * 20}\n" in second
    plain = How(how.prompt, "m", Settings(to="ko", where="true", endpoint="small", piece=200))
    assert "[바로 앞의 원문" not in list(requests(parent, plain))[1].messages[0][1]


def test_without_protection_all_is_sent(lk, faulty):
    documents(lk, p=f"The sea\n\n{CODE}")
    says(faulty, {"print(1)": "바다\n\n```py\n출력(1)\n```"})
    translate(lk, faulty, protect=False)
    assert made(lk) == by("p", "바다\n\n```py\n출력(1)\n```")


TALK = [
    turn("system", "You help."),
    turn("user", "What is five?"),
    turn("assistant", "I look it up.", "A tool knows."),
    turn("tool", '{"five": 5}'),
    turn("assistant", "It is 5.", "So the tool says."),
]
SAID = {"You help.": "돕는다.", "What is five?": "5가 무엇인가?", "A tool knows.": "도구가 안다."}
SAID |= {"I look it up.": "찾아본다.", "It is 5.": "5이다.", "So the tool says.": "도구의 말이다."}


@pytest.mark.parametrize("keep", [False, True])
def test_conversations_turn_by_turn(lk, faulty, keep):
    documents(lk, p={"text": "not this", "messages": TALK})
    says(faulty, SAID)
    translate(lk, faulty, keep_reasoning=keep, source="own")
    expected = [
        turn("system", "돕는다."),
        turn("user", "5가 무엇인가?"),
        turn("assistant", "찾아본다.", "A tool knows." if keep else "도구가 안다."),
        turn("tool", '{"five": 5}'),
        turn("assistant", "5이다.", "So the tool says." if keep else "도구의 말이다."),
    ]
    text = '돕는다.\n\n5가 무엇인가?\n\n찾아본다.\n\n{"five": 5}\n\n5이다.'
    meta = SOURCE_REASONING if keep else None
    assert made(lk, "messages", "text", "meta", "source") == by("p", expected, text, meta, "own")
    assert faulty.counts()["requests"] == (4 if keep else 6)
    run_steps(lk, [Translation()])
    columns = ["translation_reason"]
    assert lk.dataset().to_table(columns=columns).column(0).to_pylist() == ["kept", "kept"]


def test_what_has_no_translation_is_a_reject_with_a_reason(lk, faulty):
    texts = {
        "nothing": f"{CODE}\n",
        "empty": "",
        "lost": "Piece lost $x$.",
        "doubled": "Piece doubled $x$.",
        "unknown": "Piece unknown $x$.",
        "unanswered": "Piece unanswered.",
        "refused": "Piece refused.",
        "blank": "Piece blank.",
        "good": "Piece good.",
        "half": f"Piece good.\n\n{'x' * 200}\n\nPiece blank.",
    }
    documents(lk, **texts)
    documents(lk, talk={"messages": [turn("user", "Piece good."), turn("assistant", "$")]})
    faulty.faults(
        {"fault": "500", "contains": "Piece unanswered"},
        {"fault": "400", "contains": "Piece refused"},
        {"fault": "say", "contains": "Piece lost", "text": "잃음"},
        {"fault": "say", "contains": "Piece doubled", "text": "⟦K1⟧ ⟦K1⟧"},
        {"fault": "say", "contains": "Piece unknown", "text": "⟦K1⟧ ⟦K7⟧"},
        {"fault": "say", "contains": "Piece blank", "text": "  \n"},
        {"fault": "say", "contains": "Piece good", "text": "좋음"},
        {"fault": "say", "contains": "xxx", "text": "엑스"},
    )
    done = translate(lk, faulty, piece=200)
    assert made(lk) == by("good", "좋음") | by("talk", "좋음\n\n$")
    rejects = lk.dataset("rejects").to_table().to_pylist()
    names = {f"documents/{key(name)}": name for name in texts}
    found = {names[row["file"]]: (row["reason"], row["line"]) for row in rejects}
    assert found == {
        "nothing": ("nothing_to_translate", 0),
        "empty": ("nothing_to_translate", 0),
        "lost": ("marker_lost", 1),
        "doubled": ("marker_doubled", 1),
        "unknown": ("marker_unknown", 1),
        "refused": ("refused", 1),
        "blank": ("empty_answer", 1),
        "half": ("empty_answer", 3),
    }
    assert set(done.rejected) < set(REASONS) and (done.n_read, done.n_waiting) == (11, 1)
    (row,) = lk.dataset("ingests").to_table().to_pylist()
    assert row["n_read"] == row["n_added"] + row["n_present"] + row["n_rejected"] == 10
    assert json.loads(row["options"])[0]["piece"] == 200
    says(faulty, {"Piece unanswered": "이제는 답함"})
    again = translate(lk, faulty, piece=200)
    assert (again.n_added, again.n_present) == (1, 2), "what was answered is not asked again"
    assert made(lk)[key("unanswered")] == ("이제는 답함",)


def test_an_answer_that_was_cut_off_is_none(lk, faulty):
    documents(lk, p="The sea.")
    settings = Settings(to="ko", where="true", endpoint="small")
    how = How(settings.forth(), "m", settings)
    endpoint = Endpoint("small", "http://127.0.0.1:9", "m")
    (request,) = requests(*chosen.choose(lk, settings), how)
    row = {"generation_id": "g", "request_id": endpoint.id_of(request), "error": ""}
    row |= {"text": "바다", "finish_reason": "length"}
    lk.append("generations", pa.Table.from_pylist([row], lk.schema("generations")))
    done = run.finish(lk, chosen.choose(lk, settings), how, endpoint)
    assert done.rejected == {"truncated": 1}


def test_the_text_is_the_final_one(lk, faulty):
    documents(lk, p="The sea.\u0000\u0007")
    run_steps(lk, [Clean()])
    says(faulty, {"The sea.": "바다."})
    settings = Settings(to="ko", where="true", endpoint="small")
    (parent,) = chosen.choose(lk, settings)
    assert parent.text == "The sea."


@pytest.mark.parametrize(
    ("given", "ids", "left_out"),
    [
        ({"where": "true"}, ["A", "B"], 2),
        ({"where": "text like 'B%' -- this one"}, ["B"], 0),
        ({"where": "true", "limit": 1}, ["A"], 2),
        ({"where": "true", "to": "en"}, ["C"], 3),
        ({"where": "true", "to": "ja", "lang": "ko", "prompt": "x"}, ["C"], 3),
        ({"where": "", "select": "seeds.sql"}, ["A", "B"], 2),
        ({"where": "", "select": "seeds.sql", "parameters": {"seed": 3}}, ["B", "A"], 2),
    ],
    ids=str,
)
def test_which_documents(lk, tmp_path, given, ids, left_out, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds.sql").write_text(SEEDS)
    documents(
        lk,
        b="B",
        a="A",
        c={"text": "C", "lang": "ko"},
        t={"text": "T", "origin": "translated"},
    )
    found = chosen.choose(lk, Settings(**{"to": "ko", "endpoint": "small"} | given))
    assert ([parent.text for parent in found], found.n_left_out) == (ids, left_out)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"where": "lang = 'fr'"}, "none of 0 documents is in lang=en"),
        ({"where": "txt = 1"}, "txt"),
        ({"where": "true) union (select 1"}, "more than a condition"),
        ({"where": "", "select": "nope"}, "unknown seed query 'nope'"),
        ({"where": "", "select": "seeds.sql", "parameters": {"min": 1}}, "no parameter 'min'"),
    ],
)
def test_documents_that_are_not_there(lk, tmp_path, given, message, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds.sql").write_text(SEEDS)
    documents(lk, a="A")
    with pytest.raises((KormoError, lake.LakeError), match=message):
        chosen.choose(lk, Settings(**{"to": "ko", "endpoint": "small"} | given))
