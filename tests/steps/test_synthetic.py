"""`synthetic`: each reason in Korean and English, the seed and the prompt looked up in the lake."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.recorded import prompts
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.run import run
from kormo_ds.steps.synthetic import Synthetic

ROOT = Path(__file__).parents[2]
COLUMNS = [column.name for column in Synthetic.columns]
SEED = (
    "바다는 아침마다 다른 빛깔로 마을을 깨운다. 어부들은 해가 뜨기 전에 배를 띄우고, 갈매기는 "
    "그 뒤를 따른다. 시장에는 갓 잡은 생선이 쌓이고, 사람들은 값을 흥정하며 하루를 연다. "
    "저녁이 되면 등대에 불이 켜지고 마을은 다시 조용해진다."
)
OTHER = (
    "해안 마을의 하루는 일찍 시작된다. 새벽 바람을 타고 고깃배가 나가며, 그 위로 새들이 원을 "
    "그린다. 장터에서는 싱싱한 물고기를 두고 손님과 상인이 실랑이를 벌인다. 밤이 깊어지면 불빛 "
    "하나가 바다를 지키고 집들은 잠든다."
)
ENGLISH = (
    "Life in the harbour begins long before sunrise. Boats leave one after the other while birds "
    "circle above them, and by noon the market is full of people who argue about the price of "
    "fish. In the evening a single light watches over the sea and the houses fall asleep."
)
THOUGHT = (
    "First I read what is asked. Then I count the boats, which are seven, and I check it twice."
)
PROMPT = """---
id: {id}
version: 1
language: ko
written_in: ko
style: s
purpose: p
{more}---
{body}
"""
TELL = "아래 글을 읽고 마을의 하루를 어린이에게 들려주듯 다시 써 주세요.\n독자: $audience\n$seed"


@pytest.fixture
def lk(tmp_path):
    lk = lake.create(tmp_path / "lake")
    prompts.keep(lk, "tell@1", PROMPT.format(id="tell", more="", body=TELL))
    think = PROMPT.format(
        id="think", more="reasoning: en\nsystem: 생각하고 답하세요.\n", body="$seed"
    )
    prompts.keep(lk, "think@1", think)
    append(lk, {"doc_id": "seed", "text": SEED, "synthesizer": None})
    return lk


def append(lk, *rows):
    born = {
        "lang": "ko",
        "source": "s",
        "synthesizer": "m",
        "parent_id": None,
        "prompt_id": None,
        "text": "t",
    }
    made = [{**born, "doc_id": f"d{i}", **row} for i, row in enumerate(rows)]
    lk.append("documents", pa.Table.from_pylist(made, lk.schema("documents")))


def checked(lk, *rows, **settings):
    """The columns of documents, the seed aside."""
    append(lk, *rows)
    run(lk, [Clean(), Synthetic(**settings)])
    return lk.dataset("documents").to_table(COLUMNS, filter="doc_id <> 'seed'").to_pylist()


def turns(question, answer, reasoning=None):
    return [
        {"role": "user", "content": question, "reasoning": None},
        {"role": "assistant", "content": answer, "reasoning": reasoning},
    ]


def finish(reason):
    return json.dumps({"finish_reason": reason})


@pytest.mark.parametrize(
    ("reason", "row"),
    [
        ("kept", {"text": OTHER}),
        ("kept", {"text": ENGLISH, "lang": "en", "meta": finish("stop")}),
        ("empty", {"text": " ...\n"}),
        ("refusal", {"text": "죄송합니다. 요청하신 글은 작성해 드릴 수 없습니다."}),
        ("refusal", {"text": f"저는 AI 언어 모델로서 의견이 없지만 써 보겠습니다. {OTHER}"}),
        ("refusal", {"text": "글을 제공해 주시면 다시 써 드리겠습니다."}),
        ("refusal", {"text": "**I'm sorry, but I can't help with that.**", "lang": "en"}),
        ("refusal", {"text": f"As an AI language model, I can. {ENGLISH}", "lang": "en"}),
        ("kept", {"text": f"{OTHER} 그는 죄송하다고 말했지만 아무도 도와줄 수 없었다."}),
        ("kept", {"text": f"“죄송합니다만, 이 배는 언제 떠납니까?” 손님이 물었다. {OTHER}"}),
        ("wrong_language", {"text": ENGLISH}),
        ("wrong_language", {"text": OTHER, "lang": "en"}),
        ("too_short", {"text": "바다는 아침마다 다른 빛깔로 마을을 깨운다."}),
        ("too_short", {"text": "The sea wakes the village every morning.", "lang": "en"}),
        ("prompt_leak", {"text": f"{OTHER} 아래 글을 읽고 마을의 하루를 어린이에게 쓴다."}),
        ("kept", {"text": f"아래 글을 읽고 마을의 하루를 생각했다. {OTHER}"}),
        ("copy_of_seed", {"text": SEED}),
        ("copy_of_seed", {"text": SEED.replace(".", "!")}),
        ("kept", {"text": f"{OTHER} {SEED.split('. ')[0]}."}),
        ("kept", {"text": SEED, "parent_id": None}),
        ("kept", {"text": SEED, "parent_id": "gone"}),
        ("truncated", {"text": OTHER, "meta": finish("length")}),
        ("truncated", {"text": f"{OTHER} 이튿날 아침에도 바다는 다른 빛깔로"}),
        ("truncated", {"text": f"{ENGLISH} The next morning the sea was", "lang": "en"}),
        ("kept", {"text": OTHER, "meta": "not JSON with \"finish_reason\": \"length\""}),
        ("kept", {"text": OTHER, "meta": "[\"finish_reason\"]"}),
        ("kept", {"text": SEED[:60], "synthesizer": None}),
        ("kept", {"text": OTHER, "prompt_id": "gone@1"}),
        ("kept", {"text": OTHER, "prompt_id": "../of another place"}),
        ("kept", {"messages": turns("Why?", "배는 모두 일곱 척입니다.", THOUGHT)}),
        ("wrong_language", {"messages": turns("왜?", "There are seven boats.", THOUGHT)}),
        ("wrong_reasoning_language", {"prompt_id": "think@1",
            "messages": turns("Why?", "배는 모두 일곱 척입니다.", "물음을 읽고 배를 세어 본다.")}),
        ("kept", {"messages": turns("Why?", "배는 일곱 척입니다.", "배를 세어 본다.")}),
        ("empty", {"messages": turns("Why?", "", THOUGHT)}),
        ("kept", {"text": OTHER, "messages": [{"role": "user", "content": "Why?"}]}),
    ],
)  # fmt: skip
def test_reasons(lk, reason, row):
    (found,) = checked(lk, {"parent_id": "seed", "prompt_id": "tell@1", **row})
    assert found["synthetic_reason"] == reason


def test_columns(lk):
    half = f"{SEED.split('. ')[0]}. {OTHER.split('. ')[0]}."  # 6 and 5 words
    found = checked(
        lk,
        {"text": half, "parent_id": "seed", "prompt_id": "tell@1", "meta": finish("length")},
        {"text": "죄송하지만 쓸 수 없습니다.", "prompt_id": "tell@1"},
        {"text": SEED, "synthesizer": None, "parent_id": "seed"},
        {"messages": turns("왜?", "배는 일곱 척입니다.", THOUGHT)},
    )
    expected = [
        (11, "ko", "", 2 / 7, 0.0, "", True, "too_short"),
        (4, "ko", "", 0.0, 0.0, "죄송하지만 쓸 수 없", False, "refusal"),
        (0, "", "", 0.0, 0.0, "", False, "kept"),
        (3, "ko", "en", 0.0, 0.0, "", False, "kept"),
    ]
    assert found == [dict(zip(COLUMNS, row, strict=True)) for row in expected]
    (seed,) = lk.dataset("documents").to_table(COLUMNS, filter="doc_id = 'seed'").to_pylist()
    assert seed == found[2]


def test_a_seed_is_compared_in_its_composed_form(lk):
    import unicodedata

    append(lk, {"doc_id": "nfd", "text": unicodedata.normalize("NFD", SEED), "synthesizer": None})
    found = checked(lk, {"text": SEED, "parent_id": "nfd"})
    assert found[1]["synthetic_copy_frac"] == 1.0


def test_each_of_many_finds_its_own_seed(tmp_path):
    lk = lake.create(tmp_path / "many")
    words = [" ".join(f"낱말{(i * 7 + k) % 500}" for k in range(30)) + "." for i in range(1500)]
    append(lk, *({"doc_id": f"s{i}", "text": t, "synthesizer": None} for i, t in enumerate(words)))
    children = [
        {"text": words[i * 37 % 1500], "parent_id": f"s{i}", "doc_id": f"c{i}"} for i in range(1500)
    ]
    append(lk, *children, {"text": "x", "parent_id": "none", "doc_id": "orphan"})
    run(lk, [Clean(), Synthetic(copy_ngram=30)])
    rows = lk.dataset("documents").to_table(
        ["doc_id", "text", "parent_id", "synthetic_copy_frac"], filter="synthesizer = 'm'"
    )
    for row in rows.to_pylist():
        own = words[int(row["parent_id"][1:])] if row["doc_id"] != "orphan" else None
        assert row["synthetic_copy_frac"] == float(row["text"] == own)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "kept"),
        ({"min_words": 100}, "too_short"),
        ({"copy_ngram": 1, "max_copy": 0.05}, "copy_of_seed"),
        ({"leak_ngram": 1}, "prompt_leak"),
        ({"leak_ngram": 1, "max_leak": 0.5}, "kept"),
        ({"refusal_chars": 1000, "refusals": "LIST"}, "refusal"),
        ({"refusal_chars": 20, "refusals": "LIST"}, "kept"),
        ({"min_score": 1.0}, "kept"),
    ],
    ids=str,
)
def test_settings(lk, tmp_path, settings, reason):
    path = tmp_path / "own.yaml"
    path.write_text("source: this test\npatterns: ['잠든다']\n", encoding="utf-8")
    given = {key: str(path) if value == "LIST" else value for key, value in settings.items()}
    row = {
        "text": f"바다는 마을의 하루를 연다. {OTHER}",
        "parent_id": "seed",
        "prompt_id": "tell@1",
    }
    (found,) = checked(lk, row, **given)
    assert found["synthetic_reason"] == reason


def test_the_fingerprint_is_of_patterns_and_numbers(lk, tmp_path):
    same = tmp_path / "same.yaml"
    same.write_text((ROOT / "ds_configs/refusal/ko.yaml").read_text())
    assert Synthetic(refusals=str(same)).fingerprint == Synthetic(refusals="ko").fingerprint
    assert Synthetic(refusals="en,ko").fingerprint == Synthetic().fingerprint
    assert Synthetic().at(lk).fingerprint == Synthetic().fingerprint
    others = [{"min_words": 1}, {"copy_ngram": 4}, {"max_copy": 0.1}, {"leak_ngram": 4},
              {"max_leak": 0.1}, {"refusals": "ko"}, {"refusal_chars": 9},
              {"min_score": 0.1}]  # fmt: skip
    prints = {Synthetic(**given).fingerprint for given in ({}, *others)}
    assert len(prints) == 9


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"copy_ngram": 0}, BadConfig, "synthetic.copy_ngram=0 finds nothing; give 1 up"),
        ({"refusal_chars": 0}, BadConfig, "synthetic.refusal_chars=0 finds nothing"),
        ({"max_copy": 2.0}, BadConfig, "synthetic.max_copy=2.0 is no share"),
        ({"min_words": -1}, BadConfig, "synthetic.min_words=-1 is no length"),
        ({"refusals": "kr"}, UnknownName, "unknown list of refusals 'kr'; known: en, ko"),
        ({"refusals": ""}, BadConfig, "synthetic.refusals= holds no pattern"),
        ({"model": "gone.bin"}, BadInput, "no language model at gone.bin"),
    ],
    ids=str,
)
def test_settings_that_cannot_be(lk, settings, error, message):
    with pytest.raises(error, match=message):
        Synthetic(**settings).at(lk)


@pytest.mark.parametrize(
    "text",
    ["[", "[]", "source: a", "source: ''\npatterns: [a]", "source: a\npatterns: a",
     "source: a\npatterns: ['(']", "source: a\npatterns: ['a*']", "source: a\npatterns: [{a: b}]"],
)  # fmt: skip
def test_lists_that_cannot_be(lk, tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(BadInput, match="is not a list of refusals .*it needs source and patterns"):
        Synthetic(refusals=str(path)).at(lk)


def test_without_a_lake():
    with pytest.raises(BadConfig, match="synthetic has no seeds yet"):
        Synthetic()(pa.record_batch({"text_clean": ["a"]}))


# A run that kills itself after its first commit, eight fragments.
DYING = """
import os, signal, sys
import lake, lake.fill
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.synthetic import Synthetic
from kormo_ds.steps.run import run

commit = lake.fill._commit

def dying_commit(*given):
    commit(*given)
    os.kill(os.getpid(), signal.SIGKILL)

lake.fill._commit = dying_commit
run(lake.open(sys.argv[1]), [Clean(), Synthetic()])
"""


def test_killed_and_run_again(tmp_path):
    made = []
    for name in ("alone", "killed"):
        lk = lake.create(tmp_path / name)
        append(lk, {"doc_id": "seed", "text": SEED, "synthesizer": None})
        for i in range(20):
            texts = [SEED, OTHER, ENGLISH]
            append(
                lk,
                *(
                    {"doc_id": f"{i}-{k}", "text": t, "parent_id": "seed"}
                    for k, t in enumerate(texts)
                ),
            )
        made.append(lk)
    alone, killed = made
    run(alone, [Clean(), Synthetic()])
    died = subprocess.run([sys.executable, "-c", DYING, killed.root], cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    n_computed = killed.dataset("documents").count_rows("synthetic_reason is not null")
    assert 0 < n_computed < 61
    assert run(killed, [Clean(), Synthetic()]).rows == 61 - n_computed
    expected, found = (each.dataset("documents").to_table() for each in (alone, killed))
    assert found.schema.equals(expected.schema, check_metadata=True) and found.equals(expected)
    reasons = found["synthetic_reason"].to_pylist()
    assert reasons == ["kept", *["copy_of_seed", "kept", "wrong_language"] * 20]
