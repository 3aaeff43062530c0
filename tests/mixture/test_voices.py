"""A mixture whose synthetic Korean is by one synthesizer is refused, or a parameter names it."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

import lake
from kormo_ds import mixture, recorded

ALL = "select doc_id, 'a' as component, 1.0::double as repeats, doc_id as sort_key from documents"
NAMED = f"{ALL} where synthesizer is null or synthesizer = $one_synthesizer"
PARAM = "-- param one_synthesizer  VARCHAR = '{}'  the one synthesizer"


def voice(doc_id, synthesizer, n_bytes, lang="ko", origin="synthetic", **more):
    kept = {"length_reason": "kept", "lang_reason": "kept"}
    about = {"doc_id": doc_id, "text": "x", "lang": lang, "origin": origin}
    return about | {"synthesizer": synthesizer, "n_bytes": n_bytes} | kept | more


@pytest.fixture
def says(lk):
    """Add documents to the lake's, of which people wrote 150 bytes in Korean."""

    def add(*rows):
        lk.append("documents", pa.Table.from_pylist(list(rows), schema=lk.schema()))

    return add


def test_one_voice_is_refused_in_one_line_and_nothing_is_written(lk, says, query):
    says(voice("by-qwen", "qwen", 30))
    with pytest.raises(lake.BadContract) as caught:
        mixture.run(lk, query(ALL), {})
    assert str(caught.value) == (
        "mixture mine: of what models wrote in lang=ko, 100 % by 'qwen', more than 50 % by one "
        "synthesizer; take others in or repeat it less, or name it by a parameter that the query "
        "uses, as sql/mixtures/stage2_one_synthesizer.sql does: "
        "-- param one_synthesizer VARCHAR = 'qwen'  MEANING"
    )
    assert recorded.mixtures(lk) == [] and lk.tags("documents") == {}
    assert lk.tables() == ["documents"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("a", 60), ("b", 40)], "60 % by 'a'"),
        ([("a", 50), ("b", 50)], None),
        ([("a", 504), ("b", 496)], None),  # documents are whole: half a per cent is no more
        ([("a", 506), ("b", 494)], "51 % by 'a'"),
        ([("a", 40), ("b", 30), ("c", 30)], None),
        ([("a", 1)], None),  # 1 of 151 bytes of Korean: below a hundredth
        ([("a", 2)], "100 % by 'a'"),
        ([(None, 30), ("a", 20)], "60 % by 'not named'"),
    ],
)
def test_shares_of_the_synthetic_part(lk, says, query, rows, said):
    says(*(voice(f"{i}", name, n) for i, (name, n) in enumerate(rows)))
    if said is None:
        assert mixture.run(lk, query(ALL), {}).is_new
        return
    with pytest.raises(lake.BadContract, match=re.escape(said)):
        mixture.run(lk, query(ALL), {})


def test_repeats_count(lk, says, query):
    says(voice("by-a", "a", 50), voice("by-b", "b", 50))
    twice = ALL.replace("1.0::double", "if(synthesizer = 'a', 2.0::double, 1.0::double)")
    with pytest.raises(lake.BadContract, match="67 % by 'a'"):
        mixture.run(lk, query(twice), {})


def test_a_models_translations_count_and_those_of_people_do_not(lk, says, query):
    says(voice("by-people", None, 90, origin="translated"))
    assert mixture.run(lk, query(ALL), {}).is_new
    says(voice("by-a", "a", 60, origin="translated"), voice("by-b", "b", 40))
    with pytest.raises(lake.BadContract, match="60 % by 'a'"):
        mixture.run(lk, query(ALL), {})


def test_english_by_one_synthesizer_is_free(lk, says, query):
    says(voice("by-a", "a", 500, lang="en"))
    assert mixture.run(lk, query(ALL), {}).is_new


def test_a_parameter_says_so_by_name(lk, says, query):
    says(voice("by-qwen", "qwen", 30), voice("by-solar", "solar", 10))
    asked = query(NAMED, params=PARAM.format("qwen"))
    made = mixture.run(lk, asked, {}).mixture
    assert '"one_synthesizer": "qwen"' in made.parameters
    mixture.verify(lk, made)
    assert mixture.run(lk, asked, {"one_synthesizer": "solar"}).is_new
    (audited,) = lake.run_audits(lk, [lake.Query.read("sql/audits/synthesizer_diversity.sql")])
    assert audited.ok and not audited.skipped


@pytest.mark.parametrize("value", ["", "other", "qwen2"])
def test_a_parameter_that_names_another_allows_nothing(lk, says, query, value):
    says(voice("by-qwen", "qwen", 30))
    asked = query(f"{ALL} where $one_synthesizer <> 'x'", params=PARAM.format(value))
    with pytest.raises(lake.BadContract, match="100 % by 'qwen'"):
        mixture.run(lk, asked, {})


def test_tokens_are_weighed_where_they_are_counted(lk, says, query):
    says(voice("by-a", "a", 90, n_tokens_tok=10), voice("by-b", "b", 10, n_tokens_tok=10))
    assert mixture.run(lk, query(ALL), {}).is_new


def test_samples_for_tokenizers_and_held_out_documents_are_free(lk, says):
    says(voice("by-qwen", "qwen", 30), voice("ko3", "qwen", 30))  # ko3 is held out
    for name in ("tokenizer_sample", "held_out"):
        asked = lake.Query.read(f"sql/mixtures/{name}.sql")
        assert mixture.run(lk, asked, {"seed": 1}).is_new


def test_an_audit_of_the_working_folder_says_what_is_too_much(
    lk, says, query, tmp_path, monkeypatch
):
    says(voice("by-a", "a", 60), voice("by-b", "b", 40))
    text = Path("sql/audits/synthesizer_diversity.sql").read_text()
    folder = tmp_path / "sql" / "audits"
    folder.mkdir(parents=True)
    (folder / "synthesizer_diversity.sql").write_text(
        text.replace("DOUBLE = 0.5 ", "DOUBLE = 0.7 ")
    )
    monkeypatch.chdir(tmp_path)
    assert mixture.run(lk, query(ALL), {}).is_new


def stage2(name):
    return lake.Query.read(f"sql/mixtures/{name}.sql")


@pytest.mark.parametrize("voices", ["ab", "abcde"], ids=["(b) two halves", "(c) five"])
def test_stage2_balances_two_and_five(lk, says, voices):
    # Their tokens have unlike numbers of bytes, which is no matter.
    says(
        *(
            voice(f"{name}{i:02}", name, 10 * place, n_tokens_tok=10)
            for place, name in enumerate("abcde", start=1)
            for i in range(50)
        )
    )
    values = {
        "tokenizer": "tok",
        "token_budget": 1000,
        "ko_share": 0.2,
        "en_synthetic_share": 0,
        "max_repeats": 200,
        "synthesizers": list(voices),
        "synthesizer_cap": 1 / len(voices),
    }
    made = mixture.run(lk, stage2("stage2"), values).mixture
    drawn = lk.sql(
        "select synthesizer, n_repeated_tokens from recorded_totals "
        "where origin = 'synthetic' and mixture = $mixture order by all",
        mixture=made.mixture,
    ).fetchall()
    assert [name for name, _ in drawn] == list(voices)
    target = 1000 * 0.2 * 0.6874 / len(voices)
    assert all(target <= n < target + 10 for _, n in drawn)


def test_ablation_a_is_recorded_by_its_own_query_alone(lk, says):
    says(*(voice(f"a{i:02}", "a", 10, n_tokens_tok=10) for i in range(50)))
    values = {"tokenizer": "tok", "token_budget": 1000, "en_synthetic_share": 0}
    values["max_repeats"] = 200
    with pytest.raises(lake.BadContract, match="100 % by 'a'"):
        mixture.run(lk, stage2("stage2"), values | {"synthesizer_cap": 1})
    named = values | {"one_synthesizer": "a"}
    assert mixture.run(lk, stage2("stage2_one_synthesizer"), named).is_new
