"""Asking an endpoint that fails as it is told to: what comes back, is kept, and is not lost."""

import asyncio
import multiprocessing
import os
import random
import re
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

import lake
from kormo_ds.errors import KormoError
from kormo_ds.generate import journal
from kormo_ds.generate.answers import answered
from kormo_ds.generate.client import ask
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.request import Request, Sampling
from kormo_ds.generate.spent import estimate
from tests.generate import endpoint as endpoints

SAMPLING = Sampling(max_tokens=32)


@pytest.fixture(scope="module")
def process():
    with endpoints.running() as faulty:
        yield faulty


@pytest.fixture
def faulty(process):
    process.reset()
    return process


@pytest.fixture
def lk(tmp_path):
    return lake.create(tmp_path / "lake")


def question(text, parent="0" * 32, **settings):
    return Request((("user", text),), SAMPLING, "qa_ko@1", parent, **settings)


def questions(n):
    return [question(f"{i}번째 질문: 바다는 왜 푸른가요?", f"{i:032x}") for i in range(n)]


def put(lk, faulty, requests, again=False, **settings):
    endpoint = Endpoint("small", faulty.url, "m", **settings)
    (asked,) = ask(lk, {"small": endpoint}, {"small": lambda: requests}, "test", again=again)
    return asked


def rows(lk, columns="error", where="true"):
    return lk.sql(
        f"select {columns} from generations where {where} order by request_id, started_at"
    ).fetchall()


def test_every_request_is_answered_once_and_kept(lk, faulty):
    asked = put(lk, faulty, questions(40), price_in=1.0, price_out=2.0)
    assert (asked.n_requests, asked.n_settled, asked.n_answered) == (40, 0, 40)
    assert (asked.n_failed, asked.errors, asked.stopped) == (0, Counter(), "")
    kept = lk.sql(
        "select count(*), count(distinct request_id), count(distinct parent_id), "
        "sum(n_prompt_tokens + n_completion_tokens), sum(cost), "
        "min(length(text)) > 5, bool_and(seconds > 0) from generations where error = ''"
    ).fetchall()[0]
    assert kept[:3] == (40, 40, 40) and kept[5:] == (True, True)
    assert (asked.n_tokens, asked.cost) == (kept[3], pytest.approx(kept[4]))
    assert rows(lk, "distinct endpoint, model, synthesizer, purpose, prompt_id, attempt") == [
        ("small", "m", "m", "test", "qa_ko@1", 1)
    ]

    again = put(lk, faulty, questions(41))
    assert (again.n_requests, again.n_settled, again.n_answered) == (41, 40, 1)
    assert faulty.counts()["requests"] == 41


def test_a_thread_that_has_an_event_loop_can_ask(lk, faulty):
    async def cell():
        return put(lk, faulty, questions(3))

    assert asyncio.run(cell()).n_answered == 3


def test_answers_come_back_in_the_order_of_the_requests(lk, faulty):
    endpoint = Endpoint("small", faulty.url, "m")
    put(lk, faulty, questions(12))
    requests = questions(13)[::-1]
    found = list(answered(lk, endpoint, requests))
    assert [request for request, _ in found] == requests
    assert found[0][1] is None and all(answer.text for _, answer in found[1:])
    by_id = dict(rows(lk, "request_id, text"))
    assert all(by_id[endpoint.id_of(request)] == answer.text for request, answer in found[1:])


def test_the_same_request_twice_in_one_run_is_asked_once(lk, faulty):
    asked = put(lk, faulty, [*questions(3), *questions(3), question("다시", sample=1)])
    assert (asked.n_requests, asked.n_settled, asked.n_answered) == (7, 3, 4)
    assert faulty.counts()["requests"] == 4


def test_no_more_requests_are_in_flight_than_were_allowed(lk, faulty):
    faulty.faults({"fault": "slow", "seconds": 0.02})
    put(lk, faulty, questions(30), in_flight=7)
    assert faulty.counts()["most_in_flight"] == 7


PASSING = {
    "429": ("rate_limited", "429: Error code: 429 - .*Rate limit reached"),
    "500": ("server", "500: .*The server had an error"),
    "503": ("server", "503: .*overloaded"),
    "html": ("server", "502: "),
    "hang": ("timeout", "no whole answer in time"),
    "reset": ("broken", "Connection error"),
    "cut": ("broken", "Connection error"),
    "page": ("malformed", "502 Bad Gateway"),
    "not_json": ("malformed", ""),
    "no_choices": ("malformed", "the answer was"),
    "empty_choices": ("malformed", "list index out of range"),
    "no_text": ("malformed", "content is NoneType"),
}


def test_what_may_pass_is_tried_again(lk, faulty):
    """All faults in one run: each request meets its own, once."""
    faulty.faults(
        *(
            {
                "fault": fault,
                "tries": 1,
                "contains": f"<{fault}>",
                "seconds": 30 * (fault == "hang"),
            }
            for fault in PASSING
        )
    )
    requests = [question(f"<{fault}> 무엇입니까?", fault.ljust(32, "0")) for fault in PASSING]
    asked = put(lk, faulty, requests, timeout=2)
    assert (asked.n_answered, asked.n_failed) == (len(PASSING), 0)
    first = dict(rows(lk, "rtrim(parent_id, '0'), (error, detail)", "attempt = 1"))
    found = {fault: first[fault.rstrip("0")] for fault in PASSING}
    assert {fault: word for fault, (word, _) in found.items()} == {
        fault: word for fault, (word, _) in PASSING.items()
    }
    for fault, (_, said) in PASSING.items():
        assert re.search(said, found[fault][1]), (fault, found[fault])
    assert set(rows(lk, "error", "attempt = 2")) == {("",)}


def test_after_all_attempts_a_request_has_failed_and_the_next_run_asks_it(lk, faulty):
    faulty.faults({"fault": "500", "contains": "<bad>"})
    requests = [question("<bad> 왜?"), *questions(3)]
    asked = put(lk, faulty, requests, attempts=2)
    assert (asked.n_answered, asked.n_failed) == (3, 1)
    assert (asked.errors, asked.stopped) == (Counter(server=2), "")
    faulty.faults()
    assert put(lk, faulty, requests).n_answered == 1


def test_what_is_refused_stays_so_until_it_is_asked_again(lk, faulty):
    faulty.faults({"fault": "400", "contains": "<long>"})
    requests = [question("<long> 왜?"), *questions(2)]
    asked = put(lk, faulty, requests)
    assert (asked.n_answered, asked.n_failed, asked.errors) == (2, 1, Counter(refused=1))
    (refused,) = [
        answer
        for _, answer in answered(lk, Endpoint("small", faulty.url, "m"), requests)
        if answer and answer.error
    ]
    assert (refused.error, refused.text) == ("refused", "")
    faulty.faults()
    assert put(lk, faulty, requests).n_settled == 3
    assert put(lk, faulty, requests, again=True).n_answered == 1


@pytest.mark.parametrize(("fault", "said"), [("401", "401: .*API key"), ("404", "404: .*model")])
def test_an_endpoint_that_cannot_be_used_is_asked_no_further(lk, faulty, fault, said):
    faulty.faults({"fault": fault})
    asked = put(lk, faulty, questions(100), in_flight=4)
    assert asked.n_answered == 0 and faulty.counts()["requests"] <= 4
    assert re.search(said, asked.stopped)


def test_a_key_is_in_no_file_row_or_message(lk, faulty, monkeypatch, capsys):
    secret = "sk-not-to-be-seen-anywhere"
    monkeypatch.setenv("THE_KEY", secret)
    faulty.faults({"fault": "500", "first": 2}, {"fault": "401", "contains": "<stop>"})
    asked = put(lk, faulty, [*questions(3), question("<stop>")], key="THE_KEY", attempts=2)
    files = [path.read_bytes() for path in Path(lk.root).rglob("*") if path.is_file()]
    assert len(files) > 3 and not any(secret.encode() in data for data in files)
    captured = capsys.readouterr()
    assert secret not in repr(asked) + captured.out + captured.err


def test_a_server_that_dies_and_returns_is_waited_for(lk, faulty):
    faulty.faults({"fault": "down", "contains": "5번째", "tries": 1, "seconds": 1.5})
    asked = put(lk, faulty, questions(20), in_flight=3)
    assert (asked.n_answered, asked.n_failed, asked.stopped) == (20, 0, "")
    assert asked.errors["unreachable"] > 0
    assert "unreachable" not in {word for (word,) in rows(lk)}


def test_a_server_that_does_not_return_ends_it(lk):
    endpoint = Endpoint("small", "http://127.0.0.1:9/v1", "m", patience=0)
    (asked,) = ask(lk, {"small": endpoint}, {"small": lambda: questions(5)}, "test")
    assert asked.stopped.startswith("no connection to http://127.0.0.1:9/v1 for ")
    assert not rows(lk)


def test_nothing_leaves_while_a_server_asks_to_be_left_alone(lk, faulty):
    faulty.faults({"fault": "429", "first": 1, "seconds": 0.8})
    started = time.monotonic()
    put(lk, faulty, questions(2), in_flight=1)
    assert time.monotonic() - started >= 0.8


def test_a_budget_is_never_passed_and_a_larger_one_goes_on(lk, faulty):
    faulty.faults({"fault": "slow", "seconds": 0.01})
    asked = put(lk, faulty, questions(60), budget_tokens=1000)
    assert 0 < asked.n_answered < 60 and asked.n_failed == 0
    assert asked.n_tokens <= 1000
    assert re.fullmatch(
        r"\d+ of budget_tokens=1,000 are spent, and the next request may need \d+", asked.stopped
    )
    charged = lk.sql("select sum(n_tokens_charged) from generations").fetchall()[0][0]
    assert charged == asked.n_tokens
    rest = put(lk, faulty, questions(60), budget_tokens=100_000)
    assert (rest.n_settled, rest.n_answered) == (asked.n_answered, 60 - asked.n_answered)


def test_tokens_are_charged_as_the_server_counts_them(lk, faulty):
    faulty.faults({"fault": "say", "text": "가 나"})
    asked = put(lk, faulty, questions(1), price_in=1e6, price_out=1e7)
    kept = rows(lk, "n_prompt_tokens, n_completion_tokens, n_tokens_charged, cost")
    assert kept == [(5, 2, 7, 25.0)]
    assert (asked.n_tokens, asked.cost) == (7, 25.0)


def test_without_token_counts_the_most_is_charged(lk, faulty):
    faulty.faults({"fault": "no_usage"})
    asked = put(lk, faulty, questions(1), price_in=1e6, price_out=1e6)
    kept = rows(lk, "n_prompt_tokens, n_completion_tokens, n_tokens_charged, cost")
    assert kept == [(None, None, 54, 54.0)]
    assert (asked.n_tokens, asked.cost) == (54, 54.0)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<think>\n비가 온다.\n</think>\n\n우산을 쓰세요.", ("비가 온다.", "우산을 쓰세요.")),
        ("비가 온다.\n</think>\n우산을 쓰세요.", ("비가 온다.", "우산을 쓰세요.")),
        ("<think>비가 온다. 그러면", ("비가 온다. 그러면", "")),
        ("<think>\n\n</think>\n\n우산을 쓰세요.", (None, "우산을 쓰세요.")),
    ],
)
def test_reasoning_is_kept_apart(lk, faulty, said, kept):
    faulty.faults({"fault": "say", "text": said})
    put(lk, faulty, questions(1))
    assert rows(lk, "reasoning, text") == [kept]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("half a pair \ud83d", "half a pair \\ud83d"),
        ("nul \0 inside", "nul \\0 inside"),
        ("turned \u202e", "turned \u202e"),
    ],
)
def test_whatever_a_model_says_can_be_kept(lk, faulty, said, kept):
    faulty.faults({"fault": "say", "text": said})
    put(lk, faulty, questions(1))
    assert rows(lk, "text") == [(kept,)]


def test_two_endpoints_are_asked_at_once_and_one_that_stops_leaves_the_other(lk, faulty):
    faulty.faults({"fault": "401", "contains": "gone"})
    described = {
        name: Endpoint(name, faulty.url, model, synthesizer=name)
        for name, model in (("a", "m"), ("b", "gone"))
    }
    work = {"a": lambda: questions(30), "b": lambda: questions(30)}
    a, b = ask(lk, described, work, "test")
    assert (a.n_answered, a.stopped, b.n_answered) == (30, "", 0)
    assert "401" in b.stopped


def test_what_an_estimate_says(lk, faulty):
    endpoint = Endpoint("small", faulty.url, "m", price_in=1.0, price_out=2.0)
    work = {"small": lambda: questions(10)}
    (before,) = estimate(lk, {"small": endpoint}, work)
    assert (before.n_requests, before.n_settled, before.n_to_ask) == (10, 0, 10)
    assert before.n_prompt_tokens == 10 * (44 // 3 + 8)
    assert before.n_completion_tokens == before.most_completion_tokens == 320
    assert before.most_cost == pytest.approx((220 + 640) / 1e6)
    put(lk, faulty, questions(4), price_in=1.0, price_out=2.0)
    (after,) = estimate(lk, {"small": endpoint}, work)
    assert (after.n_settled, after.n_to_ask) == (4, 6)
    assert after.n_completion_tokens < after.most_completion_tokens == 6 * 32
    assert (
        after.spent_tokens
        == lk.sql("select sum(n_prompt_tokens + n_completion_tokens) from generations").fetchall()[
            0
        ][0]
    )


def test_work_for_an_endpoint_that_is_not_described(lk):
    with pytest.raises(KormoError, match="unknown endpoint 'smal'; did you mean 'small'"):
        ask(lk, {"small": Endpoint("small", "http://h/v1", "m")}, {"smal": list}, "test")


def test_a_second_asker_is_told_who_is_asking(lk, faulty):
    class Slow:
        def __iter__(self):
            yield question("하나")
            with pytest.raises(lake.LakeLocked, match=r"written by process \d+ .*test"):
                put(lake.open(lk.root), faulty, questions(1))

    assert put(lk, faulty, Slow()).n_answered == 1


def killed_in_time(root: str, url: str, n: int) -> None:
    """Run in a process that is killed: segments are small, so that commits are killed, too."""
    journal.SEGMENT_ROWS = 16
    endpoint = Endpoint("small", url, "m", in_flight=8)
    ask(lake.open(root), {"small": endpoint}, {"small": lambda: questions(n)}, "test")


def test_twenty_kills_lose_nothing_and_ask_nothing_twice(lk, faulty):
    """Only what had no answer on the disk when it was killed is asked again; it is counted."""
    faulty.faults({"fault": "slow", "seconds": 0.01})
    n, kills = 400, 20
    drawn = random.Random(6)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kormo_ds.generate.client", "openai"])
    for _ in range(kills):
        before = faulty.counts()["requests"]
        child = context.Process(target=killed_in_time, args=(lk.root, faulty.url, n))
        child.start()
        until = before + drawn.randint(1, 20)
        while child.is_alive() and faulty.counts()["requests"] < until:
            time.sleep(0.002)
        time.sleep(drawn.uniform(0, 0.02))
        assert child.is_alive(), "it was done before it was killed"
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    asked = put(lk, faulty, questions(n))
    assert asked.n_settled + asked.n_answered == n
    answers = lk.sql(
        "select request_id, count(*) filter (where error = ''), count(*) filter (where error <> '')"
        " from generations group by all"
    ).fetchall()
    assert len(answers) == n and {n_answers for _, n_answers, _ in answers} == {1}
    interrupted = sum(n_failed for *_, n_failed in answers)
    assert set(rows(lk, "error", "error <> ''")) <= {("interrupted",)}
    assert n <= faulty.counts()["requests"] <= n + interrupted
    assert 0 < interrupted <= 8 * kills
