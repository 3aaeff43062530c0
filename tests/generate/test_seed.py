"""Extracts of seeds, and what a seed query must return."""

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import UnknownName
from kormo_ds.generate import seed
from kormo_ds.generate.seed import Seeds, extract
from lake import BadContract, BadQuery


@pytest.mark.parametrize(
    ("text", "chars", "cut"),
    [
        ("  짧은 글 \n", 10, "짧은 글"),
        ("아무리 긴 글이라도 모두", 0, "아무리 긴 글이라도 모두"),
        ("하나다. 둘이다. 셋이다.", 10, "하나다. 둘이다."),
        ("하나다. 둘이다. 셋이다.", 13, "하나다. 둘이다."),
        ("하나다. 둘이다. 셋이다.", 14, "하나다. 둘이다. 셋이다."),
        ("그가 “가자!” 했다. 그리고 갔다", 10, "그가 “가자!”"),
        ("제목\n본문이 이어진다", 5, "제목"),
        ("3.14라는 값은 다음과 같이", 9, "3.14라는 값은"),  # a point inside is no end
        (
            "앞. 아주 길게 이어지는 문장이다",
            13,
            "앞. 아주 길게 이어지는",
        ),  # an end in the first half
        ("띄어쓰기없는아주긴글", 5, "띄어쓰기없"),
        ("One sentence. Another one", 13, "One sentence."),
        ("日本語の文。次の文もある。", 6, "日本語の文。"),
    ],
)
def test_extract(text, chars, cut):
    assert extract(text, chars) == cut
    assert not chars or len(cut) <= chars


def test_seeds_come_in_the_order_of_their_key_and_a_limit_takes_the_first(seeds_of, plan_file):
    query = str(plan_file.parent / "seeds.sql")
    lk = seeds_of(5000)
    every = [found.doc_id for found in seed.read(lk, Seeds(query))]
    assert len(set(every)) == 5000 and every != sorted(every)
    assert [found.doc_id for found in seed.read(lk, Seeds(query, limit=7))] == every[:7]
    other = Seeds(query, {"seed": 2}, limit=7)
    assert [found.doc_id for found in seed.read(lk, other)] != every[:7]
    (first,) = seed.read(lk, Seeds(query, limit=1, chars=10))
    assert first == (every[0], f"{int(every[0], 16)}번째 글.", "ko", "s", first.topic)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("    source,\n", ""), BadContract, "must return .doc_id VARCHAR, text VARCHAR, lang"),
        (("    text,", "    '  ' as text,"), BadContract, "without id, text or sort_key"),
        (("    text,", "    null::varchar as text,"), BadContract, "without id, text or sort_key"),
        (
            ("    text,", "    error('no ' || text)::varchar as text,"),
            BadQuery,
            "no .*번째 글",
        ),
        (("from documents", "from documentz"), BadQuery, "documentz"),
    ],
)
def test_queries_that_cannot_be_used(seeds_of, plan_file, change, error, message):
    path = plan_file.parent / "seeds.sql"
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(error, match=message):
        list(seed.read(seeds_of(3), Seeds(str(path))))


def test_names_that_are_not_known(seeds_of):
    with pytest.raises(UnknownName, match="unknown seed query 'web_kr'; did you mean 'web_ko'"):
        seed.find("web_kr")
    with pytest.raises(BadQuery, match="view kept_documents cannot be read yet"):
        list(seed.read(seeds_of(1), Seeds("web_ko")))


def test_an_empty_lake_has_no_seed(tmp_path):
    lk = lake.create(tmp_path / "lake")
    lk.append("documents", pa.table({"doc_id": pa.array([], pa.string())}))
    query = tmp_path / "seeds.sql"
    query.write_text(
        "-- None.\n-- One row per document.\nselect doc_id, text, lang, source, "
        "kind as topic, doc_id as sort_key from documents"
    )
    assert list(seed.read(lk, Seeds(str(query)))) == []
