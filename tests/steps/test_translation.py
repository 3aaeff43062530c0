"""`translation` on a small lake: which parent, what is compared, reasons, killed and run again."""

import pyarrow as pa
import pytest

import lake
from kormo_ds.documents.translated import SOURCE_REASONING
from kormo_ds.errors import BadConfig
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.run import run
from kormo_ds.steps.translation import Translation
from lake.spans import MASKED, SPANS
from tests.text.kept.bilingual import PAIRS

EN, KO = PAIRS[0]
PROSE = "The harbour wakes before the town does, and the gulls are the first to complain. "
KOREAN = "항구는 마을보다 먼저 깨어나고, 갈매기들이 가장 먼저 불평을 늘어놓는다. "
COLUMNS = [column.name for column in Translation.columns]


def add(lk, *rows):
    born = {"origin": "translated", "lang": "ko", "parent_id": "p", "text": ""}
    lk.append("documents", pa.Table.from_pylist([born | row for row in rows], lk.schema()))


def parent(doc_id, text, **more):
    row = {"doc_id": doc_id, "text": text, "lang": "en", "origin": "curated", "parent_id": None}
    return row | more


def reasons(lk, *names):
    names = names or ("translation_reason",)
    found = lk.dataset("documents").to_table(columns=["doc_id", *names]).to_pylist()
    return {row["doc_id"]: row[names[0]] for row in found}


@pytest.fixture
def lk(tmp_path):
    lk = lake.create(tmp_path / "lake")
    add(lk, parent("p", EN), parent("q", PROSE * 4), parent("k", KOREAN * 4, lang="ko"))
    return lk


def test_reasons(lk):
    texts = {
        "good": ("p", KO),
        "code": ("p", KO.replace("hello", "안녕")),
        "number": ("p", KO.replace("3만", "4만")),
        "markup": ("p", KO.replace("# 도구", "도구")),
        "no_parent": ("gone", KO),
        "orphan": (None, KO),
        "prose": ("q", KOREAN * 4),
        "left": ("q", PROSE * 4),
        "half_left": ("q", KOREAN * 3 + PROSE),
        "short": ("q", KOREAN * 2),
        "long": ("q", KOREAN * 9),
    }
    rows = [{"doc_id": key, "parent_id": p, "text": text} for key, (p, text) in texts.items()]
    add(lk, *rows, {"doc_id": "back", "parent_id": "k", "text": PROSE * 4, "lang": "en"})
    add(lk, {"doc_id": "back_short", "parent_id": "k", "text": PROSE, "lang": "en"})
    add(lk, {"doc_id": "formula", "parent_id": "f", "text": PAIRS[1][1].replace("144", "145")})
    add(lk, parent("f", PAIRS[1][0]))
    run(lk, [Translation()])
    assert reasons(lk) == {
        "p": "kept",
        "q": "kept",
        "k": "kept",
        "f": "kept",
        "good": "kept",
        "code": "lost_code",
        "number": "changed_numbers",
        "markup": "lost_markup",
        "no_parent": "no_parent",
        "orphan": "no_parent",
        "prose": "kept",
        "left": "wrong_language",
        "half_left": "untranslated",
        "short": "too_short",
        "long": "too_long",
        "back": "kept",
        "back_short": "too_short",
        "formula": "lost_formulas",
    }


def test_what_is_written(lk):
    add(lk, {"doc_id": "t", "text": KO.replace("hello", "안녕").replace("30", "30")})
    run(lk, [Translation()])
    rows = lk.dataset("documents").to_table(columns=COLUMNS).to_pylist()
    nothing = dict.fromkeys(COLUMNS, -1.0)
    assert rows[0] == nothing | {"translation_lang": "", "translation_reason": "kept"}
    ratio = rows[3].pop("translation_length_ratio")
    assert rows[3] == {
        "translation_code_kept": 0.5,
        "translation_formulas_kept": 1.0,
        "translation_numbers_kept": 1.0,
        "translation_markup_kept": 1.0,
        "translation_untranslated": 0.0,
        "translation_lang": "ko",
        "translation_reason": "lost_code",
    }
    assert 0.5 < ratio < 0.8


def turn(role, content, reasoning=None):
    return {"role": role, "content": content, "reasoning": reasoning}


THOUGHT = "It is 7, and not 8."
ASKED = [turn("user", PROSE + "7?"), turn("assistant", PROSE + "`x`", THOUGHT)]
QUESTION, ANSWER = turn("user", KOREAN + "7?"), KOREAN + "`x`"
ANSWERED = [QUESTION, turn("assistant", ANSWER, "7이며, 8이 아니다.")]


@pytest.mark.parametrize(
    ("messages", "meta", "reason"),
    [
        (ANSWERED, None, "kept"),
        (ANSWERED[:1], None, "turns_differ"),
        ([QUESTION, turn("assistant", ANSWER)], None, "turns_differ"),
        ([QUESTION, turn("assistant", ANSWER, "7이며, 9다.")], None, "changed_numbers"),
        ([QUESTION, turn("assistant", KOREAN, THOUGHT)], SOURCE_REASONING, "lost_code"),
        ([QUESTION, turn("assistant", ANSWER, THOUGHT)], SOURCE_REASONING, "kept"),
        (ANSWERED, SOURCE_REASONING, "turns_differ"),
    ],
)
def test_conversations(lk, messages, meta, reason):
    add(lk, parent("c", "not compared 1", messages=ASKED))
    add(lk, {"doc_id": "t", "parent_id": "c", "text": "2", "messages": messages, "meta": meta})
    run(lk, [Translation()])
    assert reasons(lk)["t"] == reason


def test_a_parent_is_read_as_it_is_trained_on(lk):
    """Its clean text, less what was taken out and with personal data masked."""
    add(lk, parent("m", "Write to <a@b.kr> or 1234.\n\nGone 77."))
    add(lk, {"doc_id": "t", "parent_id": "m", "text": "<[EMAIL]> 또는 1234로 쓰세요.\n\n없음 77."})
    run(lk, [Clean(), Translation()])
    assert reasons(lk)["t"] == "lost_markup"
    lk.drop("documents", COLUMNS)
    run(lk, [_Spans()])
    run(lk, [Translation()])
    assert reasons(lk)["t"] == "changed_numbers"  # 77 is taken out, the address masked


class _Spans:
    """Masks the address of one document and takes its second paragraph out."""

    name, version, ordered, fingerprint = "spans", 1, False, "1"
    reads = ("text_clean",)
    writes = (
        lake.Column("line_spans", SPANS, "lines"),
        lake.Column("pii_spans", MASKED, "personal data"),
    )

    def at(self, lk):
        return self

    def __call__(self, batch):
        lines, pii = [], []
        for text in batch.column("text_clean").to_pylist():
            here = text.startswith("Write to")
            lines.append([{"start": text.index("Gone"), "end": len(text)}] if here else [])
            at = text.find("a@b.kr")
            pii.append([{"start": at, "end": at + 6, "kind": "EMAIL"}] if here else [])
        types = [column.type for column in self.writes]
        names = [column.name for column in self.writes]
        return pa.record_batch([pa.array(lines, types[0]), pa.array(pii, types[1])], names=names)


def test_documents_that_come_later_are_judged_alone(lk):
    add(lk, {"doc_id": "t", "text": KO})
    assert run(lk, [Translation()]).rows == 4
    add(lk, {"doc_id": "u", "text": KO.replace("30,000", "1").replace("3만", "5만")})
    filled = run(lk, [Translation()])
    assert (filled.rows, filled.rows_before) == (1, 4)
    assert reasons(lk)["u"] == "changed_numbers"


@pytest.mark.parametrize(
    "settings", [{"min_code": 1.5}, {"max_untranslated": -0.1}, {"min_length": 0.9}], ids=str
)
def test_settings_that_cannot_be(settings):
    with pytest.raises(BadConfig, match=r"translation\."):
        Translation(**settings)


def test_it_needs_its_parents():
    with pytest.raises(BadConfig, match=r"Translation\(\).at\(lake\)"):
        Translation()(pa.record_batch({"text": ["a"]}))
