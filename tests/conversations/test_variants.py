"""Variants of a small lake, turn by turn; shares, repeats, and who chooses."""

import json
from pathlib import Path

import pytest

import lake
from kormo_ds import project
from kormo_ds.conversations import Settings, make, toggle
from kormo_ds.documents.conversation import text
from kormo_ds.errors import BadConfig, BadInput

ROOT = Path(__file__).parents[2]
TOGGLES = toggle.library()


def made_of(lk):
    """Variants by the source_id of their parent and their style."""
    asked = """
        select parents.source_id as name, children.*
        from documents as children join documents as parents on parents.doc_id = children.parent_id
    """
    found = lk.sql(asked).to_arrow_table().to_pylist()
    return {(row["name"], row["prompt_style"]): row for row in found}


def spoken(row):
    return [(turn["role"], turn["reasoning"], turn["content"]) for turn in row["messages"]]


def test_a_pair_of_variants_is_the_conversation_with_one_toggle_or_the_other(lk):
    done = make(lk, Settings())
    found = made_of(lk)
    assert (done.n_chosen, done.n_conversations, done.n_reasoning) == (10, 8, 6)
    assert done.skipped == {"has_toggle": 1, "no_toggle": 1}
    assert done.drawn == done.added == {"think": 6, "no_think": 8}
    assert done.by_lang == {"ko": 7, "en": 5, "en-US": 2}

    on, off = found["ko-thinks", "think"], found["ko-thinks", "no_think"]
    assert spoken(on)[1:] == [
        ("user", None, "사과 여섯 개를 둘이 나누면?"),
        ("assistant", "6/2=3.", "세 개씩."),
    ]
    assert spoken(off)[1:] == [
        ("user", None, "사과 여섯 개를 둘이 나누면?"),
        ("assistant", None, "세 개씩."),
    ]
    for row, style in ((on, "think"), (off, "no_think")):
        role, _, said = spoken(row)[0]
        assert (role, said in TOGGLES[style, "ko"].texts) == ("system", True)
        assert row["prompt_id"] == f"toggle_{style}_ko@1"


def test_a_toggle_stands_behind_the_system_prompt_that_is_there(lk):
    make(lk, Settings())
    found = made_of(lk)
    for name, own, lang in (("ko-system", "존댓말로.", "ko"), ("en-system", "Be brief.", "en")):
        for style in toggle.STYLES:
            before, toggled = spoken(found[name, style])[0][2].split("\n\n")
            assert (before, toggled in TOGGLES[style, lang].texts) == (own, True)


def test_what_has_no_reasoning_gets_no_think_variant(lk):
    make(lk, Settings())
    assert {style for name, style in made_of(lk) if name in ("ko-plain", "en-plain")} == {
        "no_think"
    }


def test_a_variant_has_what_its_parent_has(lk):
    make(lk, Settings())
    row = made_of(lk)["en-us", "think"]
    parent = lk.sql("from documents where source_id = 'en-us' and parent_id is null")
    (parent,) = parent.to_arrow_table().to_pylist()
    same = ("source", "source_id", "lang", "origin", "synthesizer", "license", "meta")
    assert {name: row[name] for name in same} == {name: parent[name] for name in same}
    assert (row["lang"], row["synthesizer"], row["kind"]) == ("en-US", "writer", "conversation")
    assert json.loads(row["meta"]) == {"tools": [{"name": "f"}]}
    assert row["text"] == text(row["messages"])
    assert row["parent_id"] == parent["doc_id"] != row["doc_id"]


def test_the_same_again_adds_nothing_and_counts_it(lk):
    first = make(lk, Settings())
    version = lk.version()
    again = make(lk, Settings())
    assert (again.drawn, again.added, again.n_present) == (first.drawn, {}, 14)
    assert again.skipped["is_variant"] == 14
    assert lk.version() == version
    runs = lk.dataset("ingests").to_table().to_pylist()[1:]
    counts = [(run["n_read"], run["n_added"], run["n_present"]) for run in runs]
    assert counts == [(14, 14, 0), (14, 0, 14)]


def test_two_lakes_of_the_same_rows_get_the_same_variants(filled):
    tables = []
    for name in ("one", "other"):
        lk = filled(name)
        make(lk, Settings(think=0.5, seed=7))
        tables.append(lk.dataset().to_table().drop_columns(["ingest_run"]))
    assert tables[0] == tables[1]


MANY = {
    f"{i}": ("en", [{"role": "user", "content": f"{i}?"},
                    {"role": "assistant", "content": f"{i}.", "reasoning": "r"}])
    for i in range(400)
}  # fmt: skip


def test_shares_that_add_up_to_one_part_the_conversations(filled):
    lk = filled(given=MANY)
    make(lk, Settings(think=0.7, no_think=0.3))
    found = made_of(lk)
    names = [name for name, _ in found]
    assert sorted(names) == sorted(MANY)
    n_think = sum(style == "think" for _, style in found)
    assert 240 < n_think < 320


def test_a_share_that_is_raised_adds_to_what_is_there(filled):
    lk = filled(given=MANY)
    make(lk, Settings(think=0.3, no_think=0))
    few = made_of(lk)
    done = make(lk, Settings(think=0.6, no_think=0))
    more = made_of(lk)
    assert done.n_present == len(few) < len(more)
    assert {key: row["doc_id"] for key, row in few.items()}.items() <= {
        key: row["doc_id"] for key, row in more.items()
    }.items()


def test_all_alternatives_are_drawn_and_another_seed_draws_others(filled):
    lk = filled(given=MANY)
    make(lk, Settings(no_think=0))
    drawn = {key: spoken(row)[0][2] for key, row in made_of(lk).items()}
    assert set(drawn.values()) == set(TOGGLES["think", "en"].texts)
    other = filled("other", MANY)
    make(other, Settings(no_think=0, seed=1))
    differ = sum(spoken(row)[0][2] != drawn[key] for key, row in made_of(other).items())
    assert 280 < differ < 390


def test_a_condition_or_a_query_chooses(lk, tmp_path):
    assert make(lk, Settings(where="lang = 'ko' -- only"), dry_run=True).n_chosen == 4
    query = lake.Query.parse(
        "-- Of a language.\n-- param lang VARCHAR  which\n"
        "select doc_id, 1 as more from documents, range(2) where lang = $lang",
        "seeds",
    )
    done = make(lk, Settings(), query, {"lang": "ko"})
    assert (done.n_chosen, done.skipped) == (5, {"no_messages": 1})
    assert {row["lang"] for row in made_of(lk).values()} == {"ko"}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select text from documents", "query seeds returns no doc_id, only text"),
        ("select 'x' as doc_id", "query seeds returns 'x', which is no document of the lake"),
    ],
)
def test_a_query_that_chooses_no_documents_is_refused(lk, sql, message):
    with pytest.raises(BadInput, match=message):
        make(lk, Settings(), lake.Query.parse(f"-- Some.\n{sql}", "seeds"))


def test_a_condition_that_duckdb_refuses_is_a_bad_query(lk):
    with pytest.raises(lake.BadQuery, match='column "sorce" not found'):
        make(lk, Settings(where="sorce = 'chat'"))


def test_a_dry_run_counts_the_same_and_writes_nothing(lk):
    version, runs = lk.version(), lk.dataset("ingests").count_rows()
    dry = make(lk, Settings(), dry_run=True)
    assert (lk.version(), lk.dataset("ingests").count_rows()) == (version, runs)
    assert dry == make(lk, Settings())


def test_toggles_are_kept_and_a_change_needs_a_higher_version(lk, tmp_path):
    files = project.files(toggle.FOLDER, ".md").values()
    make(lk, Settings())
    for path in files:
        assert lk.read_bytes("prompts", f"{path.stem}@1.md") == path.read_bytes()
        (tmp_path / "own").mkdir(exist_ok=True)
        changed = path.read_text().replace("reasoning=o", "thinking=o")
        (tmp_path / "own" / path.name).write_text(changed)
    own, version = Settings(toggles=str(tmp_path / "own")), lk.version()
    with pytest.raises(BadConfig, match="raise its version"):
        make(lk, own)
    assert lk.version() == version
    for path in (tmp_path / "own").iterdir():
        path.write_text(path.read_text().replace("version: 1", "version: 2"))
    done = make(lk, own)
    assert (done.added.total(), done.n_present) == (3, 11)  # the others drew what did not change


@pytest.mark.parametrize(
    "options",
    [{"think": 1.5}, {"no_think": -0.1}, {"think": float("nan")}, {"think": 0, "no_think": 0}],
)
def test_shares_that_are_none_are_refused(options):
    with pytest.raises(BadConfig):
        Settings(**options)


def test_the_audit_is_content_with_variants_and_not_before(lk):
    audit = lake.Query.read(ROOT / "sql" / "audits" / "reasoning_toggled.sql")
    (before,) = lake.run_audits(lk, [audit])
    assert before.rows[0][:3] == ("chat", "untold", 2)
    make(lk, Settings())
    (after,) = lake.run_audits(lk, [audit])
    assert after.ok
    modes = (
        "select toggle, has_reasoning, count(*) from conversation_modes where toggle is not null"
    )
    counted = lk.sql(f"{modes} group by all order by all").fetchall()
    assert counted == [("no_think", False, 9), ("think", True, 6)]
