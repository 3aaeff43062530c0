"""Lakes that lack something: each page says what, and which command makes it; and the password."""

import os
import pty
import select
import socket

import pyarrow as pa
import pytest

import lake
from kormo_ds.dashboard import password
from kormo_ds.steps import STEPS
from kormo_ds.steps.run import run as run_steps
from tests.conftest import ENVIRONMENT
from tests.dashboard.conftest import WIDE, serving

INGEST = "kormo ingest PATH lang=ko"


@pytest.fixture
def page(browser):
    opened = browser.new_context(viewport=WIDE).new_page()
    opened.set_default_timeout(30_000)
    yield opened
    opened.context.close()


def texts(n: int) -> pa.Table:
    ids = [f"doc{i}" for i in range(n)]
    return pa.table(
        {
            "doc_id": ids,
            "source_id": ids,
            "source": ["web"] * n,
            "lang": ["ko"] * n,
            "text": ["바다는 아침마다 다른 빛깔로 마을을 깨운다."] * n,
        }
    )


def says(page, served, name: str, *texts: str) -> None:
    """See that a page comes to say these, and breaks nowhere."""
    page.goto(served.page("" if name == "lake" else name))
    for text in texts:
        page.get_by_test_id("stMain").get_by_text(text).first.wait_for()
    assert page.get_by_test_id("stException").count() == 0


def documents(page, served, n: int) -> None:
    """See that the lake's page comes to count so many documents."""
    page.goto(served.page())
    metric = page.locator(".st-key-panel-lake_totals").get_by_test_id("stMetric").first
    metric.get_by_text(f"{n}", exact=True).wait_for()


def test_an_empty_lake_says_how_it_is_filled(page, tmp_path):
    lake.create(tmp_path / "data" / "lake")
    with serving(tmp_path, ENVIRONMENT) as served:
        for name in ("lake", "funnel", "what_if", "documents"):
            says(page, served, name, INGEST)
        says(page, served, "mixtures", "kormo mixture run")
        says(page, served, "runs", "kormo train")


def test_a_lake_that_is_written_to_lacks_less_and_less(page, tmp_path):
    lk = lake.create(tmp_path / "data" / "lake")
    lk.append("documents", texts(3))
    with serving(tmp_path, ENVIRONMENT) as served:
        documents(page, served, 3)
        says(page, served, "what_if", "no step has written n_bytes yet", "kormo step run clean")
        says(page, served, "mixtures", "kormo mixture run")
        says(page, served, "runs", "kormo train")
        run_steps(lk, [STEPS["clean"](), STEPS["length"]()])
        says(page, served, "funnel", "Left after each step")
        page.locator(".st-key-panel-funnel").get_by_test_id("stVegaLiteChart").first.wait_for()
        lk.append("documents", texts(5))  # which no step has seen yet
        documents(page, served, 8)
        page.goto(served.page("funnel"))
        taken = page.locator(".st-key-panel-taken_by_reason").get_by_test_id("stDataFrame")
        taken.locator("canvas table", has_text="not_computed").wait_for(state="attached")


def test_other_addresses_are_served_with_a_password_alone(page, tmp_path, run):
    lake.create(tmp_path / "data" / "lake")
    alone = run(["kormo", "dashboard", "address=0.0.0.0"], tmp_path)
    assert alone.returncode == 2
    assert "every document of the lake can be read there: set a password" in alone.stderr
    absent = run(["kormo", "dashboard", "address=0.0.0.0", "password=secret"], tmp_path)
    assert absent.returncode == 2
    assert "secret holds no password yet; run this once in a terminal" in absent.stderr
    password.write(tmp_path / "secret", "바다의 비밀번호")
    assert "바다" not in (tmp_path / "secret").read_text()
    with serving(tmp_path, ENVIRONMENT, "address=0.0.0.0", "password=secret") as served:
        page.goto(served.page())
        field = page.get_by_role("textbox", name="Password")
        field.fill("another one")
        page.get_by_role("button", name="Enter").click()
        page.get_by_text("That is not the password.").wait_for()
        assert page.get_by_role("heading", name="In the lake").count() == 0
        page.goto(served.page("sql"))
        field.wait_for()
        assert page.get_by_role("heading", name="SQL").count() == 0
        field.fill("바다의 비밀번호")
        page.get_by_role("button", name="Enter").click()
        page.get_by_role("heading", name="SQL").wait_for()


def test_a_password_is_asked_for_in_a_terminal_and_kept_as_its_hash(tmp_path):
    lake.create(tmp_path / "data" / "lake")
    taken = socket.create_server(("127.0.0.1", 0))  # so that it ends when it would serve
    command = ["kormo", "dashboard", f"port={taken.getsockname()[1]}", "password=kept"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execvpe("kormo", command, ENVIRONMENT)
    said = b""
    for asked in (b"A password for the dashboard", b"Once more"):
        while asked not in said:
            assert select.select([terminal], [], [], 60)[0], said
            said += os.read(terminal, 1000)
        os.write(terminal, "바다의 비밀번호\n".encode())
    os.waitpid(child, 0)
    os.close(terminal)
    taken.close()
    assert password.is_right("바다의 비밀번호", password.read(tmp_path / "kept"))
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600
