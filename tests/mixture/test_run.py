"""Recording a mixture: what is written, once, and again only when something changed."""

import json

import pyarrow as pa
import pytest

import lake
from kormo_ds import mixture, recorded
from kormo_ds.errors import BadInput, UnknownName

DEMO = "sql/mixtures/demo.sql"


def demo():
    return lake.Query.read(DEMO)


def test_rows_are_stored_in_the_order_of_sort_key_then_document(lk, query):
    asked = query(
        "select doc_id, 'all' as component, 1.0::double as repeats, "
        "case when lang = 'ko' then '1' else '2' end as sort_key from documents"
    )
    done = mixture.run(lk, asked, {})
    assert done.mixture.table == "mixtures/mine@1"
    assert lk.dataset("mixtures/mine@1").to_table().to_pylist() == [
        {"doc_id": doc_id, "component": "all", "repeats": 1.0, "sort_key": key}
        for doc_id, key in [
            ("ko1", "1"),
            ("ko2", "1"),
            ("ko4", "1"),
            ("en1", "2"),
            ("en5", "2"),
            ("en6", "2"),
        ]
    ]


def test_the_record_names_query_parameters_version_and_counts(lk):
    made = mixture.run(lk, demo(), {"ko_repeats": "2.5"}).mixture
    assert (made.name, made.tag, made.documents_version) == ("demo@1", "mixture-demo-1", 1)
    assert json.loads(made.parameters) == {"ko_repeats": 2.5, "one_synthesizer": "", "seed": 42}
    assert (made.n_documents, made.n_bytes, made.n_tokens, made.tokenizer) == (5, 180, 82, "tok")
    assert lk.tags("documents") == {"mixture-demo-1": 1}
    assert recorded.mixtures(lk) == [made]
    assert "create view kept_documents as" in made.sql
    assert made.sql.endswith(demo().sql)


def test_totals_count_each_part_once_and_with_its_repeats(lk):
    mixture.run(lk, demo(), {"ko_repeats": 2.5})
    totals = lk.sql(
        "select component, lang, source, origin, n_documents, n_bytes, n_tokens, "
        "n_repeated_bytes, n_repeated_tokens from mixture_totals order by all"
    )
    assert totals.fetchall() == [
        ("en", "en", "web", "curated", 2, 30, 7, 30, 7),
        ("ko", "ko", "web", "curated", 2, 90, 45, 225, 113),  # 112.5 is rounded
        ("ko", "ko", "wiki", "curated", 1, 60, 30, 150, 75),
    ]


def test_bytes_and_tokens_are_null_where_they_were_not_measured(lk, query):
    lk.append("documents", pa.table({"doc_id": ["new"], "text": ["x"], "lang": ["ko"]}))
    made = mixture.run(lk, lake.Query.read("sql/mixtures/smoke.sql"), {}).mixture
    assert (made.n_documents, made.n_bytes, made.n_tokens) == (7, None, None)


def test_the_same_question_is_recorded_once(lk):
    first = mixture.run(lk, demo(), {"ko_repeats": "2"})
    again = mixture.run(lk, demo(), {"ko_repeats": "2.0"})
    assert (first.is_new, again.is_new) == (True, False)
    assert again.mixture == first.mixture
    assert lk.dataset("mixtures").count_rows() == 1


def test_other_parameters_other_documents_or_another_view_are_a_new_version(
    lk, tmp_path, monkeypatch
):
    asked = demo()
    assert mixture.run(lk, asked, {}).mixture.name == "demo@1"
    assert mixture.run(lk, asked, {"seed": 7}).mixture.name == "demo@2"
    lk.append("documents", pa.table({"doc_id": ["new"], "text": ["x"]}))
    assert mixture.run(lk, asked, {}).mixture.name == "demo@3"

    views = tmp_path / "sql" / "views"
    views.mkdir(parents=True)
    (views / "kept_documents.sql").write_text("-- All.\nselect * from documents\n")
    (views / "document_split.sql").write_text("select doc_id, 'train' as split from documents\n")
    monkeypatch.chdir(tmp_path)
    made = mixture.run(lk, asked, {}).mixture
    assert (made.name, made.n_documents) == ("demo@4", 7)


def test_another_name_has_its_own_versions(lk, query):
    select = "select doc_id, 'a' as component, 1.0::double as repeats, doc_id as sort_key"
    mixture.run(lk, demo(), {})
    assert mixture.run(lk, query(f"{select} from documents"), {}).mixture.name == "mine@1"


def test_a_parameter_named_tokenizer_chooses_whose_tokens_are_counted(lk):
    lk.dataset("documents").add_columns({"n_tokens_later": "n_tokens_tok * 2"})
    assert mixture.run(lk, demo(), {}).mixture.tokenizer == "later"
    values = {"tokenizer": "tok", "web_share": 0}
    made = mixture.run(lk, lake.Query.read("sql/mixtures/stage1.sql"), values).mixture
    assert made.tokenizer == "tok"


def test_a_file_whose_name_cannot_be_a_mixture_is_refused(lk, query):
    select = "select doc_id, 'a' as component, 1.0::double as repeats, doc_id as sort_key"
    with pytest.raises(BadInput, match="'a@1' cannot be a mixture's name"):
        mixture.run(lk, query(f"{select} from documents", name="a@1"), {})


def test_an_empty_lake_is_said(tmp_path):
    with pytest.raises(lake.NoTable, match="nothing is in table 'documents'"):
        mixture.run(lake.create(tmp_path / "empty"), demo(), {})


def test_a_second_writer_is_told(lk):
    other = lake.open(lk.root)
    with other.lock("a long ingest"), pytest.raises(lake.LakeLocked, match="a long ingest"):
        mixture.run(lk, demo(), {})


def test_find_takes_the_newest_version_or_the_one_named(lk):
    for seed in (1, 2):
        mixture.run(lk, demo(), {"seed": seed})
    assert recorded.find(lk, "demo").name == "demo@2"
    assert recorded.find(lk, "demo@1").name == "demo@1"
    with pytest.raises(UnknownName, match=r"'demo@3'; did you mean 'demo@[12]'\?.*demo@1, demo@2"):
        recorded.find(lk, "demo@3")
    with pytest.raises(BadInput, match="'demo@newest' is not a mixture's name"):
        recorded.find(lk, "demo@newest")


def test_advance_hears_of_every_document(lk):
    heard = []
    mixture.run(lk, demo(), {}, lambda n=1, *, total=None: heard.append((n, total)))
    assert heard[0] == (0, 5)
    assert sum(n for n, _ in heard) == 5
