"""The dashboard in a real browser, served by `kormo dashboard` over the lake of the demo."""

import json
import shutil
from pathlib import Path

import pytest

import lake
from kormo_ds.dashboard.panel import PAGES
from tests.conftest import ENVIRONMENT
from tests.dashboard.conftest import NARROW, WIDE, serving

TITLES = {
    "lake": ("Lake", "In the lake"),
    "funnel": ("Funnel", "Left after each step"),
    "what_if": ("What-if", "Kept by these thresholds"),
    "mixtures": ("Mixtures", "Recorded mixtures"),
    "documents": ("Documents", "Search"),
    "runs": ("Runs", "Loss"),
    "sql": ("SQL", ""),
}


HOSTILE = "<script>document.title = 'broken'</script> <img src=x onerror=alert(1)> \u202edlo"
MORE = [
    {
        "id": "hostile",
        "text": f"{HOSTILE} [link](javascript:alert(1)) " + "바다는 아침마다 다르다. " * 20,
    },
    {"id": "<b>id</b>\u202e", "text": "짧다"},
    {"id": "short", "text": "너무 짧다"},
]
"""Documents besides the demo's: hostile ones, and two that the step `length` takes."""
CHAT = [
    {"role": "system", "content": "존댓말로 답한다."},
    {"role": "user", "content": f"{HOSTILE} [link](javascript:alert(1))"},
    {"role": "assistant", "reasoning": f"생각 {HOSTILE}", "content": "바다는 다르다. " * 20},
]
SPIKY = (
    "name=spiky",
    "data.sequences=demo",
    "model.vocab_size=512",
    "train.tokens_per_step=1024",
    "train.micro_batch_rows=4",
    "train.steps=12",
    "guard.history=2",
    "guard.window=4",
    "guard.sigma=2",
)
"""A real run whose gradient norm jumps: hot, and watched closely."""


@pytest.fixture(scope="module")
def served(demo, run, tmp_path_factory):
    folder = Path(shutil.copytree(demo.folder, tmp_path_factory.mktemp("served") / "project"))
    (folder / "more.jsonl").write_text("".join(json.dumps(one) + "\n" for one in MORE))
    (folder / "chat.jsonl").write_text(json.dumps({"id": "chat", "messages": CHAT}))
    facts = ["lang=ko", "source=chat", "origin=curated", "columns.source_id=id"]
    for command in (
        ["kormo", "ingest", "chat.jsonl", "conversations=openai", *facts],
        [
            "kormo",
            "ingest",
            "more.jsonl",
            "lang=ko",
            "source=<i>more</i>",
            "origin=crawled",
            "columns.source_id=id",
        ],
        ["kormo", "step", "run", "clean", "length", "language"],
        ["kormo", "step", "run", "n_tokens", "n_tokens.tokenizer=demo"],
        ["kormo", "train", "demo", *SPIKY],
    ):
        done = run(command, folder)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "data" / "runs" / "spiky" / "spikes.jsonl").exists()
    with serving(folder, ENVIRONMENT) as served:
        yield served


def row(page, panel: str, place: int = 0) -> None:
    """Choose a row of a panel's table by its box."""
    table = page.locator(f".st-key-{panel} [data-testid=stDataFrame] canvas").first
    table.wait_for()
    table.click(
        position={"x": 15, "y": 55 + 35 * place}, force=True
    )  # Streamlit lays a box over it


@pytest.fixture
def page(browser):
    opened = browser.new_context(viewport=WIDE).new_page()
    opened.set_default_timeout(30_000)
    yield opened
    opened.context.close()


def figure(page, panel: str, label: str) -> str:
    """The figure under a label of a panel."""
    metric = page.locator(f".st-key-panel-{panel} [data-testid=stMetric]").filter(
        has=page.get_by_text(label, exact=True)
    )
    return metric.locator("[data-testid=stMetricValue]").inner_text()


@pytest.mark.parametrize("name", [*PAGES, "sql"])
def test_each_page_opens(name, served, page):
    page.goto(served.page("" if name == "lake" else name))
    heading, panel = TITLES[name]
    page.get_by_role("heading", name=heading, exact=True).wait_for()
    if panel:
        page.get_by_role("heading", name=panel).first.wait_for()
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stStatusWidget]')"
        " && !document.querySelector('[data-testid=stSkeleton]')"
    )
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.get_by_text("The question failed").count() == 0


def test_the_first_page_shows_what_is_in_the_lake(served, page):
    lk = lake.open(served.folder / "data" / "lake")
    n, languages = lk.sql("select count(*), count(distinct lang) from documents").fetchall()[0]
    page.goto(served.page())
    page.get_by_text("In the lake").wait_for()
    assert figure(page, "lake_totals", "documents") == f"{n:,}"
    assert figure(page, "lake_totals", "languages") == str(languages)


def test_a_slider_that_moves_asks_again(served, page):
    lk = lake.open(served.folder / "data" / "lake")
    asked = "select count(*) from documents where n_chars >= $least"
    page.goto(served.page("what_if"))
    slider = page.locator(".st-key-what_if-min_chars").get_by_role("slider")
    slider.wait_for()
    before = figure(page, "what_if", "documents")
    assert before == f"{lk.sql(asked, least=0).fetchall()[0][0]:,}"
    slider.focus()
    for _ in range(16):  # of 50 characters each
        page.keyboard.press("ArrowRight")
    kept = lk.sql(asked, least=800).fetchall()[0][0]
    assert f"{kept:,}" != before
    page.wait_for_function(
        "([panel, wanted]) => [...document.querySelectorAll("
        "`.st-key-panel-${panel} [data-testid=stMetricValue]`)][0].innerText === wanted",
        arg=["what_if", f"{kept:,}"],
    )


def test_what_the_sliders_say_becomes_a_mixture(served, page, run):
    page.goto(served.page("what_if"))
    slider = page.locator(".st-key-what_if-min_lang_bin").get_by_role("slider")
    slider.wait_for()
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("textbox", name="Name of a mixture").fill("moved")
    page.get_by_role("button", name="Save as mixture").click()
    page.get_by_text("kormo mixture run moved").wait_for()
    saved = lake.Query.read(served.folder / "sql" / "mixtures" / "moved.sql")
    assert saved.params["min_lang_bin"].default == 1
    done = run(["kormo", "mixture", "run", "moved"], served.folder)
    assert done.returncode == 0, done.stderr


def test_a_reason_leads_to_its_documents(served, page):
    lk = lake.open(served.folder / "data" / "lake")
    asked = "select reason, count(*) from document_verdicts where step = 'length' group by all"
    assert lk.sql(asked).fetchall() == [("too_short", 2)]
    page.goto(served.page("funnel"))
    row(page, "panel-taken_by_reason")
    page.get_by_role("heading", name="Such documents").wait_for()
    row(page, "panel-funnel_documents")
    page.get_by_role("link", name="Open the document").wait_for()


def test_a_spike_is_followed_to_a_document(served, page):
    page.goto(served.page("runs"))
    page.get_by_role("heading", name="Spikes").wait_for()
    row(page, "panel-run_spike_table")
    page.get_by_text("of spiky: its documents").wait_for()
    row(page, "run_spike_table-documents")
    href = page.get_by_role("link", name="Open the document").get_attribute("href")
    page.goto(served.page(href))
    page.locator(".kormo-text").wait_for()
    shown = page.locator(".kormo-text").inner_text()
    doc_id = href.partition("doc=")[2]
    lk = lake.open(served.folder / "data" / "lake")
    text = "select text_clean from documents where doc_id = $doc_id"
    assert shown.split() == lk.sql(text, doc_id=doc_id).fetchall()[0][0].split()
    page.get_by_text("Where it was trained on").click()
    page.get_by_role("heading", name="Checkpoints since").wait_for()


def test_what_a_document_says_is_text(served, page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(f"a document opened {dialog.message}"))
    lk = lake.open(served.folder / "data" / "lake")
    found = "select doc_id from documents where source_id = 'hostile'"
    page.goto(served.page("documents", f"doc={lk.sql(found).fetchall()[0][0]}"))
    page.locator(".kormo-text").wait_for()
    shown = page.locator(".kormo-text").inner_text()
    assert "<script>document.title = 'broken'</script>" in shown
    assert "⟨U+202E⟩dlo" in shown
    assert "[link](javascript:alert(1))" in shown
    assert page.locator("a[href^=javascript], img[src=x]").count() == 0
    page.get_by_role("heading", name="<i>more</i>").wait_for()
    assert "broken" not in page.title()
    assert [url for url in asked if url.endswith("/x")] == []


def test_a_conversation_is_shown_by_turns(served, page):
    page.on("dialog", lambda dialog: pytest.fail(f"a turn opened {dialog.message}"))
    lk = lake.open(served.folder / "data" / "lake")
    found = "select doc_id from documents where source_id = 'chat'"
    page.goto(served.page("documents", f"doc={lk.sql(found).fetchall()[0][0]}"))
    turns = page.locator(".st-key-document-messages")
    turns.get_by_role("heading", name="Conversation").wait_for()
    said = turns.inner_text()
    order = ["system", "존댓말로 답한다.", "user", HOSTILE[:40], "assistant · reasoning", "생각"]
    order += ["assistant", "바다는 다르다."]
    at = 0
    for words in order:
        at = said.index(words, at) + len(words)
    assert said.count("⟨U+202E⟩dlo") == 2
    assert page.locator("a[href^=javascript], img[src=x]").count() == 0
    assert "broken" not in page.title()


def test_korean_is_chosen_and_stays(served, page):
    page.goto(served.page())
    page.get_by_text("한국어").click()
    page.get_by_role("heading", name="레이크에 있는 것").wait_for()
    page.get_by_role("link", name="걸러내기").click()
    page.get_by_role("heading", name="단계마다 남은 것").wait_for()


@pytest.mark.parametrize("name", ["", "funnel", "what_if", "mixtures", "documents", "runs", "sql"])
def test_a_telephone_shows_a_page_without_scrolling_sideways(name, served, browser):
    context = browser.new_context(viewport=NARROW, color_scheme="dark")
    page = context.new_page()
    page.goto(served.page(name))
    page.get_by_role("heading").first.wait_for()
    page.wait_for_function("() => !document.querySelector('[data-testid=stStatusWidget]')")
    wider = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth - main.clientWidth; }"
    )
    context.close()
    assert wider <= 0


def test_nothing_is_asked_of_the_network(served, browser):
    context = browser.new_context(viewport=WIDE)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(served.page())
    page.get_by_role("heading", name="In the lake").wait_for()
    page.goto(served.page("funnel"))
    page.get_by_role("heading", name="Left after each step").wait_for()
    context.close()
    own = (served.url, served.url.replace("http", "ws"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []


def test_a_report_opens_from_disk_without_a_network(served, browser, run):
    done = run(["kormo", "dashboard", "--html", "report.html"], served.folder)
    assert done.returncode == 0, done.stderr
    assert "panels to report.html" in done.stdout
    context = browser.new_context(viewport=WIDE, offline=True)
    asked: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto((served.folder / "report.html").as_uri())
    page.locator(".chart svg").first.wait_for()
    n_charts = page.locator(".chart").count()
    page.wait_for_function(
        "n => document.querySelectorAll('.chart svg').length === n", arg=n_charts
    )
    n = lake.open(served.folder / "data" / "lake").dataset().count_rows()
    assert page.locator("section").first.locator("dd").first.inner_text() == f"{n:,}"
    context.close()
    assert n_charts > 5
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert errors == []
