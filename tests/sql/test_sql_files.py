"""Every file of sql/: it binds, its header is true, its style holds, and it means what it says.

What it means is in tests/sql/FOLDER/NAME.yaml: a list of examples, each with `it` (what is shown),
`values` (parameters), `given` (rows by table) and `expect` (all rows, in order but for views, with
the columns worth showing) or `error` (a part of the message).
"""

import re
from pathlib import Path

import duckdb
import pytest
import yaml

import lake
from kormo_ds import queries
from kormo_ds.generate.question import COLUMNS as QUESTIONS
from kormo_ds.generate.seed import COLUMNS as SEEDS
from lake import duck

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "sql").glob("*/*.sql"))
EXAMPLES = Path(__file__).parent
MIXTURE = ["doc_id", "component", "repeats", "sort_key"]
KEYWORDS = re.compile(
    r"\b(SELECT|FROM|WHERE|JOIN|ON|GROUP|ORDER|BY|AS|WITH|CASE|WHEN|THEN|ELSE|END|AND|OR|NOT|IN|IS|"
    r"NULL|UNION|ALL|OVER|PARTITION|LIMIT|HAVING|USING|VALUES|UNPIVOT|COUNT|SUM|DISTINCT)\b"
)


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def code_of(path: Path) -> str:
    """The text without comments and quoted words."""
    text = re.sub(r"--.*", "", path.read_text())
    return re.sub(r"'[^']*'", "''", text)


def examples() -> list:
    found = []
    for path in FILES:
        file = EXAMPLES / path.parent.name / f"{path.stem}.yaml"
        shown = yaml.safe_load(file.read_text()) if file.exists() else []
        found += [pytest.param(path, one, id=f"{name_of(path)}: {one['it']}") for one in shown]
    return found


def asked(lk: lake.Lake, runs: duck.Extra, path: Path, values: dict):
    """A view is asked by its name, since what is optional in it is seen to when it is made."""
    query = lake.Query.read(path)
    if path.parent.name == "views":
        return duck.connect(lk, mentioned=path.stem, extra=runs).sql(f"from {path.stem}")
    return query.run(duck.connect(lk, mentioned=query.sql, extra=runs), values)


def answer(lk: lake.Lake, runs: duck.Extra, path: Path, values: dict) -> list[dict]:
    relation = asked(lk, runs, path, values)
    if path.parent.name in ("mixtures", "seeds"):
        relation = relation.order("sort_key, doc_id")
    if path.parent.name == "questions":
        relation = relation.order("doc_id")
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_binds_against_the_declared_columns(path, lake_of, runs_of):
    query = lake.Query.read(path)
    given = {name: "tok" for name, param in query.params.items() if param.required}
    assert asked(lake_of({}), runs_of({}), path, given).explain()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_header_says_meaning_then_grain_then_parameters(path):
    lines = path.read_text().splitlines()
    header = [line for line in lines if line.startswith("--")]
    assert lines[: len(header)] == header, "comments of the header stand together, at the top"
    assert header[0].endswith("."), "one sentence, on one line"
    grain = [line for line in header if line.startswith("-- One row per ")]
    assert len(grain) == 1
    assert header.index(grain[0]) == 1
    params = [line for line in header if line.startswith("-- param ")]
    assert header[len(header) - len(params) :] == params
    assert all(param.meaning for param in lake.Query.read(path).params.values())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_style(path):
    text, code = path.read_text(), code_of(path)
    assert not KEYWORDS.search(code), "keywords are lower-case"
    assert "\t" not in text
    assert not re.search(r"^ *,", code, re.MULTILINE), "commas stand at the end of a line"
    assert all(len(line) <= 100 for line in text.splitlines())
    assert text.endswith("\n") and not text.rstrip().endswith(";")
    assert not re.search(r"\b(random|hash|now|today|current_\w+)\s*\(", code), "repeatable"
    last = code[code.rindex("\nselect\n") :].split("\nfrom")[0]
    assert not re.search(r"^\s*(\w+\.)?\*,?( |$)", last, re.MULTILINE), "names its columns"
    if path.parent.name in ("stats", "audits"):
        assert "\norder by" in code, "rows come in one order"
    for indent in re.findall(r"^ +", code, re.MULTILINE):
        assert len(indent) % 4 == 0


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_has_an_example(path):
    file = EXAMPLES / path.parent.name / f"{path.stem}.yaml"
    assert file.exists(), f"{file.relative_to(ROOT)} must show what {name_of(path)} means"
    shown = yaml.safe_load(file.read_text())
    assert any(example.get("expect") for example in shown), "an example must return rows"
    if path.parent.name == "audits":
        assert any(example.get("expect") == [] for example in shown), "and one must be clean"


def test_no_example_without_its_query():
    named = {file.relative_to(EXAMPLES).with_suffix(".sql") for file in EXAMPLES.glob("*/*.yaml")}
    assert named <= {path.relative_to(ROOT / "sql") for path in FILES}


@pytest.mark.parametrize(("path", "example"), examples())
def test_means_what_its_example_says(path, example, lake_of, runs_of):
    assert set(example) <= {"it", "values", "given", "expect", "error"}
    lk, runs = lake_of(example["given"]), runs_of(example["given"])
    values = example.get("values", {})
    if "error" in example:
        with pytest.raises((lake.LakeError, duckdb.Error), match=re.escape(example["error"])):
            answer(lk, runs, path, values)
        return
    rows = answer(lk, runs, path, values)
    expect = example["expect"]
    shown = list(expect[0]) if expect else []
    found = [{name: row[name] for name in shown} for row in rows]
    if path.parent.name == "views":  # which have no order
        found, expect = sorted(found, key=str), sorted(expect, key=str)
    assert found == expect


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "mixtures"], ids=name_of)
def test_mixtures_return_the_contract(path, lake_of):
    query = lake.Query.read(path)
    con = duck.connect(lake_of({}), mentioned=query.sql)
    given = {name: "tok" for name, param in query.params.items() if param.required}
    kinds = dict(zip(MIXTURE, ("VARCHAR", "VARCHAR", "DOUBLE", "VARCHAR"), strict=True))
    query.run(con, given, contract=kinds)


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "seeds"], ids=name_of)
def test_seeds_return_the_contract(path, lake_of):
    query = lake.Query.read(path)
    con = duck.connect(lake_of({}), mentioned=query.sql)
    query.run(con, {}, contract=SEEDS)
    assert "md5(documents.doc_id || $seed) as sort_key" in path.read_text().replace(
        "asked.doc_id", "documents.doc_id"
    )


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "questions"], ids=name_of)
def test_questions_return_the_contract(path, lake_of):
    query = lake.Query.read(path)
    query.run(duck.connect(lake_of({}), mentioned=query.sql), {}, contract=QUESTIONS)


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "mixtures"], ids=name_of)
def test_mixtures_order_by_md5_of_document_and_seed(path):
    assert "md5(doc_id || $seed) as sort_key" in path.read_text().replace("kept_documents.", "")


def test_the_columns_of_the_examples_are_those_that_the_steps_write(lake_of):
    from kormo_ds.steps import STEPS

    written = {
        column.name: column.type
        for name in (
            "clean",
            "length",
            "language",
            "contamination",
            "quality",
            "toxicity",
            "lexicon",
        )
        for column in STEPS[name]().writes
        if column.stored
    }
    declared = {field.name: field.type for field in lake_of({}).schema("documents")}
    assert written == {name: declared[name] for name in written}


def test_the_readme_lists_every_query():
    text = queries.README.read_text(encoding="utf-8")
    assert text == queries.updated(text), "run: python -m kormo_ds.queries"


def judged(lk) -> tuple[set, set]:
    """The documents that `kept_documents` and `document_verdicts` keep."""
    kept = lk.sql("select doc_id from kept_documents").fetchall()
    verdicts = lk.sql("select doc_id from document_verdicts where reason = 'kept'").fetchall()
    return {doc_id for (doc_id,) in kept}, {doc_id for (doc_id,) in verdicts}


def test_the_funnel_and_kept_documents_honour_the_same_steps(lake_of):
    """Each step alone is against a Korean, an English and a French document."""
    steps = duckdb.sql((ROOT / "sql/views/steps_in_order.sql").read_text()).fetchall()
    names = [f"{step}_reason" for step, *_ in steps] + [
        "own_reason",
        "perplexity_fr_reason",
        "quality_v2_reason",
    ]
    rows = [
        {"doc_id": f"{against} {lang}", "lang": lang, "n_chars": 1, "n_bytes": 1}
        | {name: "odd" if name == against else "kept" for name in names}
        for against in names
        for lang in ("ko", "en", "fr")
    ]
    lk = lake_of({"documents": rows})
    kept, verdicts = judged(lk)
    groups = (
        "select lang, sum(n_documents) from document_group_verdicts where step is null group by 1"
    )
    in_groups = dict(lk.sql(groups).fetchall())
    assert in_groups == {
        lang: sum(doc_id.endswith(lang) for doc_id in kept) for lang in ("ko", "en", "fr")
    }
    signals = {
        "c4",
        "pii",
        "contamination",
        "perplexity_ko",
        "perplexity_en",
        "perplexity_fr",
        "quality_v2",
    }
    english = {"gopher_repetition", "fineweb"}
    expected = {f"{step}_reason {lang}" for step in signals for lang in ("ko", "en", "fr")}
    expected |= {f"{step}_reason {lang}" for step in english for lang in ("ko", "fr")}
    expected |= {f"fineweb2_ko_reason {lang}" for lang in ("en", "fr")}
    assert kept == verdicts == expected


def test_groups_have_the_verdicts_of_their_documents(lake_of):
    """Every combination of four verdicts of four steps, in two languages."""
    reasons = ("kept", "odd", "low", None)
    steps = ("length", "lang", "fineweb", "own")
    rows = [
        {"doc_id": f"{i} {lang}", "lang": lang, "n_bytes": i}
        | {f"{step}_reason": reasons[i // 4**place % 4] for place, step in enumerate(steps)}
        for i in range(256)
        for lang in ("ko", "en")
    ]
    lk = lake_of({"documents": rows})
    asked = "select lang, step, reason, {} from {} group by all order by all"
    by_document = "(select * from document_verdicts join documents using (doc_id))"
    one_by_one = lk.sql(asked.format("count(*), sum(n_bytes)", by_document)).fetchall()
    at_once = asked.format("sum(n_documents), sum(n_bytes)", "document_group_verdicts")
    assert lk.sql(at_once).fetchall() == one_by_one
    assert len(one_by_one) > 20


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"min_quality_bin": 40},
        {"min_lang_bin": 3, "max_bff_percent": 50},
        {"min_difficulty_bin": 4, "min_chars": 100, "max_chars": 700},
        {"steps": ["lang"], "min_quality_bin": 1},
    ],
    ids=str,
)
def test_the_mixture_of_the_sliders_chooses_what_the_sliders_show(values, lake_of):
    def value(i: int, most: int) -> int | None:
        return None if i % 7 == 0 else i * 31 % most

    rows = [
        {
            "doc_id": str(i),
            "lang": "ko" if i % 3 else "en",
            "n_chars": value(i, 1000),
            "quality_bin": value(i + 1, 101) if i % 5 else -1,
            "lang_bin": value(i + 2, 10),
            "bff_total": value(i + 3, 20),
            "bff_contained": value(i + 3, 20) and i % 4,
            "difficulty_bin": value(i + 4, 10),
            "lang_reason": "kept" if i % 6 else "uncertain",
        }
        for i in range(300)
    ]
    lk = lake_of({"documents": rows})
    con = duck.connect(lk)
    con.execute(
        "create or replace view document_split as select doc_id, 'train' as split from documents"
    )
    mixture = lake.Query.read(ROOT / "sql/mixtures/what_if.sql").run(con, values)
    shown = lake.Query.read(ROOT / "sql/stats/what_if.sql").run(con, values)
    chosen = dict(mixture.aggregate("component, count(*)").fetchall())
    by_lang = shown.aggregate("lang, sum(n_documents)::bigint").fetchall()
    assert chosen == {lang: n for lang, n in by_lang if n}
    assert chosen
