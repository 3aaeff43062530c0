"""Questions of pages: their limits, and that each is answered once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyarrow as pa
import pytest

import lake
from kormo_ds.dashboard import ask, fetch
from kormo_ds.dashboard.ask import CONSOLE, EXPORT, PANEL, Asker
from kormo_ds.dashboard.cache import Cache

COUNT = "select count(*) as n from documents"
ENDLESS = "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r"
BOTH = pytest.mark.parametrize("limits", [PANEL, CONSOLE], ids=["panel", "console"])


@pytest.fixture
def asked(monkeypatch):
    """The texts that were really asked, in their order."""
    texts = []
    real = fetch.fetch

    def counted(lk, text, *rest):
        texts.append(text)
        return real(lk, text, *rest)

    monkeypatch.setattr(ask, "fetch", counted)
    return texts


@BOTH
def test_an_answer_is_a_table(asker, limits):
    answer = asker.ask("select doc_id from documents where doc_id > $id", {"id": "a"}, limits)
    assert answer.table.to_pydict() == {"doc_id": ["b", "c"]}
    assert not answer.is_cut and answer.seconds > 0


def test_a_query_file_is_asked_with_typed_values_and_defaults(asker):
    header = "-- Some.\n-- param least  BIGINT = 2  size\n"
    query = lake.Query.parse(f"{header}{COUNT} where n_bytes >= $least", "some")
    assert asker.query(query).table.to_pydict() == {"n": [0]}
    assert asker.query(query, {"least": "1"}).table.to_pydict() == {"n": [3]}
    with pytest.raises(lake.BadQuery, match="parameter least=x"):
        asker.query(query, {"least": "x"})


def test_an_answer_is_kept_until_its_tables_change(asker, lk, documents, asked):
    first = asker.ask(COUNT)
    again = asker.ask(COUNT)
    assert again.table is first.table and again.seconds == 0.0
    lk.append("ingests", lk.schema("ingests").empty_table())
    assert asker.ask(COUNT).table is first.table
    lk.append("documents", documents("d"))
    assert asker.ask(COUNT).table.to_pydict() == {"n": [4]}
    assert asked == [COUNT, COUNT]


def test_an_answer_from_a_sub_table_is_kept_until_that_changes(asker, lk):
    text = 'select a from mixtures."demo@1"'
    lk.write("mixtures/demo@1", pa.table({"a": [1]}))
    assert asker.ask(text).table.to_pydict() == {"a": [1]}
    lk.write("mixtures/demo@1", pa.table({"a": [2]}))
    assert asker.ask(text).table.to_pydict() == {"a": [2]}


def test_values_and_rows_make_another_question(asker):
    text = "select doc_id from documents where doc_id >= $id order by doc_id"
    assert asker.ask(text, {"id": "b"}).table.num_rows == 2
    assert asker.ask(text, {"id": "a"}).table.num_rows == 3
    assert asker.ask(text, {"id": "a"}, replace(PANEL, rows=1)).table.num_rows == 1


def test_eight_who_ask_the_same_wait_for_one_answer(asker, monkeypatch):
    ready, texts = threading.Barrier(8), []
    real = fetch.fetch

    def slow(lk, text, *rest):
        texts.append(text)
        return real(lk, text, *rest)

    monkeypatch.setattr(ask, "fetch", slow)

    def one(_):
        ready.wait()
        return asker.ask(COUNT)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert texts == [COUNT]
    assert len({id(answer.table) for answer in answers}) == 1
    assert sum(answer.seconds > 0 for answer in answers) == 1


def test_an_error_is_told_to_all_and_not_kept(asker, asked):
    for _ in range(2):
        with pytest.raises(lake.BadQuery, match='column "x" not found'):
            asker.ask("select x from documents")
    assert len(asked) == 2


def test_a_cache_drops_the_least_recently_used_by_bytes():
    cache = Cache(10, len)
    made = []

    def get(key, value):
        cache.get(key, lambda: made.append(key) or value)

    get("a", "aaaa")
    get("b", "bbbb")
    get("a", "aaaa")
    get("c", "cccc")  # b goes
    get("a", "aaaa")
    get("b", "bbbb")
    assert made == ["a", "b", "c", "b"] and cache.n_bytes == 8
    get("d", "d" * 11)  # too large to be kept, and nothing else is then
    assert cache.n_bytes == 0


@BOTH
@pytest.mark.parametrize(("rows", "n", "is_cut"), [(2, 2, True), (3, 3, False), (4, 3, False)])
def test_rows_beyond_the_limit_are_cut(asker, limits, rows, n, is_cut):
    answer = asker.ask("select doc_id from documents", limits=replace(limits, rows=rows))
    assert (answer.table.num_rows, answer.is_cut) == (n, is_cut)


def test_bytes_beyond_the_limit_are_cut(asker):
    text = "select repeat('x', 100_000) as x from range(5000)"
    answer = asker.ask(text, limits=replace(PANEL, answer_mb=8))
    assert answer.is_cut and 0 < answer.table.num_rows < 5000
    assert answer.table.slice(0).nbytes <= 8 << 20
    huge = asker.ask("select repeat('x', 9_000_000) as x", limits=replace(PANEL, answer_mb=8))
    assert huge.is_cut and huge.table.num_rows == 0


@BOTH
def test_time_is_limited(asker, limits):
    with pytest.raises(lake.BadQuery, match="stopped after 0.3 s; ask for less"):
        asker.ask(ENDLESS, limits=replace(limits, seconds=0.3))
    assert asker.ask(COUNT, limits=limits).table.to_pydict() == {"n": [3]}


@BOTH
def test_memory_is_limited(asker, limits):
    text = "select list(range::varchar) from range(100_000_000)"
    with pytest.raises(lake.BadQuery, match="needs more than 64 MB of memory; ask for less"):
        asker.ask(text, limits=replace(limits, memory_mb=64))


def test_one_huge_value_takes_no_more_memory_than_the_console_has(asker):
    with pytest.raises(lake.BadQuery, match="needs more than 512 MB of memory"):
        asker.ask("select range(1_000_000_000)", limits=CONSOLE)


def test_an_export_takes_more_rows_than_a_page(asker):
    text = "select range as n from range(20_000)"
    assert asker.ask(text, limits=CONSOLE).table.num_rows == 10_000
    answer = asker.ask(text, limits=EXPORT)
    assert answer.table.num_rows == 20_000 and not answer.is_cut


def test_a_long_text_is_refused_before_it_is_read(asker):
    with pytest.raises(lake.BadQuery, match="the text has 20,008 characters; at most 20,000"):
        asker.ask("select 1" + " " * 20_000, limits=CONSOLE)


@BOTH
def test_further_tables_are_made_when_they_are_named(lk, limits):
    made = []

    def run_steps():
        made.append("run_steps")
        return pa.table({"run": ["a"], "step": [1]})

    asker = Asker(lk, {"run_steps": run_steps, "broken": lambda: 1 / 0})
    assert asker.ask(COUNT, limits=limits).table.num_rows == 1 and made == []
    text = "select step, n_bytes from run_steps join documents on run = doc_id"
    assert asker.ask(text, limits=limits).table.to_pydict() == {"step": [1], "n_bytes": [1]}
    assert made == ["run_steps"]
    asker.close()


def test_a_further_table_that_changes_gives_another_answer(lk, monkeypatch):
    monkeypatch.setattr(ask, "FRESH_SECONDS", 0)
    rows = {"step": [1]}
    asker = Asker(lk, {"run_steps": lambda: pa.table(rows)})
    first = asker.ask("from run_steps")
    assert asker.ask("from run_steps").table is first.table
    rows["step"] = [1, 2]
    assert asker.ask("from run_steps").table.num_rows == 2


def test_a_heavy_console_question_blocks_no_panel(asker, monkeypatch):
    """Every turn of the console is taken by a question without end; panels answer meanwhile."""
    began = threading.Semaphore(0)
    real = asker._children.ask
    monkeypatch.setattr(asker._children, "ask", lambda q: began.release() or real(q))
    limits = replace(CONSOLE, seconds=600)
    with ThreadPoolExecutor(ask.AT_ONCE) as pool:
        texts = [f"{ENDLESS} -- {n}" for n in range(ask.AT_ONCE)]
        heavy = [pool.submit(asker.ask, text, None, limits) for text in texts]
        for _ in heavy:
            assert began.acquire(timeout=60)
        for n in range(5):
            answer = asker.ask(f"select {n} as n, count(*) from documents")
            assert answer.table["n"].to_pylist() == [n]
        assert not any(one.done() for one in heavy)
        asker.close()
        for one in heavy:
            with pytest.raises(lake.BadQuery):
                one.result()


def test_a_console_question_runs_in_one_thread_of_another_process(asker):
    text = "select current_setting('threads') as n"
    assert asker.ask(text, limits=CONSOLE).table.to_pydict() == {"n": [1]}
    assert asker.ask(text).table.to_pydict() == {"n": [2]}


def test_whoever_waits_too_long_for_a_turn_is_told(asker, monkeypatch):
    monkeypatch.setattr(ask, "WAITING_SECONDS", 0.01)
    for _ in range(ask.AT_ONCE):
        asker._turns.acquire()
    with pytest.raises(lake.BadQuery, match="2 questions of the console are being answered"):
        asker.ask(COUNT, limits=CONSOLE)
    assert asker.ask(COUNT).table.num_rows == 1


def test_a_view_that_many_panels_read_is_asked_once_a_version(asker, lk, documents):
    asked = []
    ask = asker._asked
    asker._asked = lambda text, *rest: asked.append(text) or ask(text, *rest)
    by_lang = "select lang, sum(n_documents) as n from document_groups group by lang"
    verdicts = "select step, sum(n_documents) as n from document_group_verdicts group by step"
    assert asker.ask(by_lang).table.to_pylist() == [{"lang": "ko", "n": 3}]
    assert asker.ask(verdicts).table.to_pylist() == [{"step": None, "n": 3}]
    assert asked == ["select * from document_groups", by_lang, verdicts]
    lk.append("documents", documents("d", length_reason="short"))
    assert asker.ask(by_lang).table.to_pylist() == [{"lang": "ko", "n": 4}]
    assert asked[3:] == ["select * from document_groups", by_lang]
