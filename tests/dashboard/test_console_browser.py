"""The SQL page in a real browser: what is completed, run, drawn, and downloaded."""

import base64
import json
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

import lake
from kormo_ds import dashboard
from kormo_ds.dashboard.completion import Column, Table, Words
from tests.dashboard.conftest import NARROW, WIDE, serving

WORDS = Words(
    tables=(
        Table(
            "documents",
            "table",
            "One row per document.",
            (
                Column("doc_id", "VARCHAR", "key"),
                Column("lang", "VARCHAR"),
                Column("source_lang", "VARCHAR"),
                Column('"order"', "INT"),
            ),
        ),
        Table("runs", "table", "", (Column("run", "VARCHAR"), Column("last_loss", "DOUBLE"))),
        Table("kept_documents", "view", "", (Column("doc_id", "VARCHAR"),)),
        Table('mixtures."demo@1"', "table", "", (Column("repeats", "DOUBLE"),)),
    ),
    functions=(("count", "counts"), ("left", "from the left"), ("lower", "small letters")),
    keywords=("select", "from", "where", "limit", "left", "join", "on", "group"),
    queries=(("stats/documents_by_language", "By language."),),
)
CASES = {
    # `|` is the cursor; what is offered, the best first
    "sel|": ["select"],
    "doc|": ["stats/documents_by_language"],
    "select l| from documents": ["lang", "limit", "left", "left(", "lower("],
    "select lan| from documents": ["lang", "source_lang"],
    "select | from documents": ["doc_id", "lang", "source_lang", '"order"'],
    "select ord| from documents": ['"order"'],
    "select count(*) as l|": [],
    "select * from |": ["documents", "runs", "kept_documents", 'mixtures."demo@1"'],
    "select * from doc|": ["documents", "kept_documents"],
    "select * from documents|": [],
    "select * from documents d, r|": ["runs"],
    "select * from documents d left join r|": ["runs"],
    "select d.| from documents d": ["doc_id", "lang", "source_lang", '"order"'],
    "select d.l| from documents as d": ["lang"],
    "select documents.la| from documents": ["lang", "source_lang"],
    "select r.l| from documents d join runs r on true": ["last_loss"],
    'select m.| from mixtures."demo@1" m': ["repeats"],
    "select x.| from documents d": [],
    "select * from mixtures.|": ['"demo@1"'],
    'select * from mixtures."de|': ['"demo@1"'],
    "with tall as (select 1) select * from ta|": ["tall"],
    "select '한글 doc|": [],
    "select 1 -- doc|": [],
    "select '--', doc| from documents": ["doc_id", "documents", "kept_documents"],
    "select $la| from documents": [],
    "select 12| from documents": [],
    "select DOC| from documents": ["doc_id", "documents", "kept_documents"],
}


@pytest.mark.parametrize("text", CASES)
def test_what_is_completed_where(text, blank):
    found = blank.evaluate(
        "([text, caret, words]) => candidates(text, caret, words).options.map((o) => o.name)",
        [text.replace("|", ""), text.index("|"), asdict(WORDS)],
    )
    assert found == CASES[text]


@pytest.fixture(scope="module")
def blank(browser):
    """A page that knows `candidates`."""
    page = browser.new_page()
    source = Path(dashboard.__file__).with_name("candidates.js").read_text(encoding="utf-8")
    url = "data:text/javascript;base64," + base64.b64encode(source.encode()).decode()
    page.evaluate(
        f"import({json.dumps(url)}).then((made) => {{ window.candidates = made.candidates; }})"
    )
    yield page
    page.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("console")
    lk = lake.create(folder / "lake")
    rows = [
        {"doc_id": f"{lang}{i}", "text": "=1+1", "lang": lang, "source": "made"}
        for lang, n in (("en", 2), ("ko", 3))
        for i in range(n)
    ]
    lk.append("documents", pa.Table.from_pylist(rows, lk.schema("documents")))
    lk.write("mixtures/demo@1", pa.table({"doc_id": ["ko0"], "repeats": [1.5]}))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with serving(folder, environment, "--lake", "lake") as one:
        yield one


@pytest.fixture
def opened(browser, served):
    """Open the page; no request may leave the machine, and nothing may go wrong in the page."""
    pages, wrong = [], []

    def open_(query="", **options):
        page = browser.new_context(viewport=WIDE, **options).new_page()
        page.on("request", lambda r: wrong.append(r.url) if not _is_local(r.url, served.url) else 0)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(served.page("sql", query))
        page.get_by_role("textbox", name=re.compile("SQL")).wait_for()
        pages.append(page)
        return page

    yield open_
    for page in pages:
        page.context.close()
    assert wrong == []


def _is_local(url, own):
    return url.startswith((own, own.replace("http", "ws"), "data:", "blob:"))


def write(page, text):
    """Type in place of what is in the editor."""
    area = page.get_by_role("textbox", name=re.compile("SQL"))
    area.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    return area


def test_type_complete_run_see_and_download(opened, tmp_path):
    from playwright.sync_api import expect

    page = opened()
    area = write(page, "select lang, source, count(*) as n from docu")
    expect(page.get_by_role("option", selected=True)).to_contain_text("documents")
    page.keyboard.press("Tab")
    page.keyboard.type(" d group by all order by d.la")
    expect(page.get_by_role("option").first).to_contain_text("VARCHAR · language that the source")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # the only one, so the first again
    text = "select lang, source, count(*) as n from documents d group by all order by d.lang"
    expect(area).to_have_value(text)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile(r"2 rows in \d"))).to_be_visible()
    expect(page.get_by_role("radio", name="bars")).to_be_checked()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Parquet").click()
    file = tmp_path / "rows.parquet"
    download.value.save_as(file)
    assert download.value.suggested_filename == "rows.parquet"
    assert pyarrow.parquet.read_table(file).to_pylist() == [
        {"lang": "en", "source": "made", "n": 2},
        {"lang": "ko", "source": "made", "n": 3},
    ]


def test_parameters_errors_and_a_csv_without_formulas(opened, tmp_path):
    from playwright.sync_api import expect

    page = opened()
    write(page, "select doc_id, text from documents where lang = $lang order by 1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("the query needs a value for $lang")).to_be_visible()
    page.get_by_role("textbox", name="$lang").fill("ko")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text(re.compile("3 rows in"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    file = tmp_path / "rows.csv"
    download.value.save_as(file)
    page.get_by_test_id("stDataFrame").hover()
    expect(page.get_by_role("button", name="Search")).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)  # Streamlit's own
    assert file.read_text().splitlines() == [
        '"doc_id","text"',
        *(f'"ko{i}","\'=1+1"' for i in range(3)),
    ]

    write(page, "drop table documents")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("only a select can be asked, not DROP")).to_be_visible()
    write(page, "select n_bytes from documents")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("kormo step run clean length")).to_be_visible()


def test_results_of_any_names_and_sizes_are_shown(opened):
    from playwright.sync_api import expect

    page = opened()
    write(page, "select 'x' as \"a.b\", i as a, i as a from range(3) t(i) ")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile("3 rows in"))).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    expect(page.get_by_role("combobox", name="Across (x)")).to_have_value("a")
    large = "select i, repeat('x', 10000) as x from range(2000) t(i) "  # no session keeps 20 MB
    write(page, large)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile("2,000 rows in"))).to_be_visible()
    write(page, "select i from range(10001) t(i) ")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("only the first 10,000 rows are shown")).to_be_visible()


def test_a_query_of_the_project_is_loaded_with_its_defaults(opened):
    from playwright.sync_api import expect

    page = opened()
    area = write(page, "threshold_s")
    page.keyboard.press("Tab")
    expect(area).to_have_value(re.compile("^-- What is kept at each threshold"))
    expect(page.get_by_role("textbox", name="$width")).to_have_value("1")
    page.get_by_role("combobox", name="Load a query").click()
    page.keyboard.type("length_histogram")
    page.keyboard.press("Enter")
    expect(area).to_have_value(re.compile("group by"))
    expect(page.get_by_role("textbox", name="$width")).to_have_count(0)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("kormo step run clean length")).to_be_visible()  # no step ran here


def test_keys_leave_the_text_alone_that_are_not_for_the_list(opened):
    from playwright.sync_api import expect

    page = opened()
    area = write(page, "select l")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Enter")  # nothing was chosen with the arrows
    expect(area).to_have_value("select l\n")
    page.evaluate("document.addEventListener('keydown', (event) => (document.title = event.key))")
    page.keyboard.type("rc")  # keys of Streamlit's own elsewhere: run again, clear the cache
    assert page.title() not in ("r", "c")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(area).to_be_focused()
    expect(area).to_have_value("select l\nrc")
    page.keyboard.press("Control+z")
    expect(area).not_to_have_value("select l\nrc")


def test_an_unfinished_syllable_is_left_to_the_input_method(opened):
    from playwright.sync_api import expect

    page = opened()
    area = write(page, "select l")
    expect(page.get_by_role("listbox")).to_be_visible()
    for key in ("Tab", "Enter", "ArrowDown"):
        area.dispatch_event("keydown", {"key": key, "isComposing": True, "cancelable": True})
    expect(area).to_have_value("select l")
    session = page.context.new_cdp_session(page)
    page.keyboard.press("Escape")
    session.send("Input.imeSetComposition", {"text": "ㅎ", "selectionStart": 1, "selectionEnd": 1})
    session.send("Input.imeSetComposition", {"text": "한", "selectionStart": 1, "selectionEnd": 1})
    session.send("Input.insertText", {"text": "한"})
    expect(area).to_have_value("select l한")


def test_it_fits_a_phone_in_korean_and_the_dark(opened):
    from playwright.sync_api import expect

    page = opened("language=ko", color_scheme="dark")
    page.set_viewport_size(NARROW)
    area = write(page, "select lang, count(*) as n\nfrom documents d\ngroup by d.l")
    box = page.get_by_role("listbox").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= NARROW["width"]
    colour = "(one) => getComputedStyle(one).backgroundColor"
    assert all(int(n) < 80 for n in re.findall(r"\d+", area.evaluate(colour))[:3])
    page.keyboard.press("Tab")
    page.get_by_role("button", name="실행").click()
    expect(page.get_by_text(re.compile(r"2행, \d"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
