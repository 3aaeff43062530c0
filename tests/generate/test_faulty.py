"""The endpoint that fails as it is told to: what the openai client makes of each fault."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import openai
import pytest

from tests.generate.endpoint import ROOT
from tests.generate.faulty import FAULTS
from tests.generate.made import REFUSALS
from tests.sample import ENGLISH, KOREAN


def ask(endpoint, text="바다는 아침마다", *, retries=0, timeout=20, **settings):
    with openai.OpenAI(
        base_url=endpoint.url, api_key="none", max_retries=retries, timeout=timeout
    ) as client:
        said = [{"role": "user", "content": text}]
        asked = {"model": "m", "max_tokens": 64} | settings
        return client.chat.completions.create(messages=said, **asked)


RAISED = {
    "400": (openai.BadRequestError, "maximum context length"),
    "401": (openai.AuthenticationError, "API key"),
    "404": (openai.NotFoundError, "does not exist"),
    "429": (openai.RateLimitError, "Rate limit"),
    "500": (openai.InternalServerError, "had an error"),
    "503": (openai.InternalServerError, "overloaded"),
    "html": (openai.InternalServerError, "502"),
    "hang": (openai.APITimeoutError, "timed out"),
    "reset": (openai.APIConnectionError, "Connection"),
    "cut": (openai.APIConnectionError, "Connection"),
    "not_json": (ValueError, "Unterminated|Expecting"),
    "down": (openai.APIConnectionError, "Connection"),
}
"""What the client raises; of the other faults it makes an answer."""


@pytest.mark.parametrize("fault", RAISED)
def test_a_fault_is_raised_by_the_client(faulty, fault):
    kind, words = RAISED[fault]
    faulty.faults({"fault": fault, "first": 1, "seconds": None if fault == "hang" else 0})
    with pytest.raises(kind, match=words):
        ask(faulty, timeout=0.3 if fault == "hang" else 20)
    assert ask(faulty, retries=5).choices[0].message.content, "afterwards it answers"
    counts = faulty.counts()
    assert counts["faults"] == {fault: 1} and counts["asked_again"] == 0
    assert (counts["requests"], counts["bodies"], counts["answered"]) == (2, 1, 1)


@pytest.mark.parametrize("fault", ["no_choices", "empty_choices", "no_text", "no_usage", "page"])
def test_an_answer_that_lacks_something_comes_as_one(faulty, fault):
    faulty.faults({"fault": fault})
    answer = ask(faulty)
    if fault == "page":
        assert answer == "<html><body><h1>502 Bad Gateway</h1></body></html>"
    elif fault == "no_usage":
        assert answer.usage is None and answer.choices[0].message.content
    elif fault == "no_text":
        assert answer.choices[0].message.content is None
    else:
        assert not answer.choices
    assert faulty.counts()["answered"] == 0


def test_every_fault_is_tried_here():
    tried = {*RAISED, "no_choices", "empty_choices", "no_text", "no_usage", "page", "say", "slow"}
    assert tried == {*FAULTS, *REFUSALS}


def test_answers_are_sentences_in_the_language_of_the_question(faulty):
    korean, english = ask(faulty), ask(faulty, "The sea", max_tokens=200)
    assert any(sentence in korean.choices[0].message.content for sentence in KOREAN)
    assert any(sentence in english.choices[0].message.content for sentence in ENGLISH)
    assert english.choices[0].finish_reason == "stop"
    words = english.choices[0].message.content.split()
    assert (english.usage.prompt_tokens, english.usage.completion_tokens) == (2, len(words))
    assert ask(faulty).choices == korean.choices, "the same request, the same answer"
    assert any(ask(faulty, seed=seed).choices != korean.choices for seed in range(3))
    short = ask(faulty, max_tokens=3)
    assert (short.choices[0].finish_reason, short.usage.completion_tokens) == ("length", 3)
    counts = faulty.counts()
    assert counts["asked_again"] == 1
    assert counts["requests"] == counts["bodies"] + 1 == counts["answered"] + 1
    assert sorted(faulty.bodies().values())[-1] == (2, 2)


def test_which_requests_a_rule_is_for(faulty):
    def statuses(texts):
        for text in texts:
            try:
                ask(faulty, text)
                yield 200
            except openai.APIStatusError as error:
                yield error.status_code

    faulty.faults({"fault": "500", "every": 3}, {"fault": "429", "contains": "'감\"'"})
    assert [*statuses(["a", "'감\"'", "b", "c"])] == [200, 429, 500, 200]
    faulty.faults({"fault": "503", "tries": 2})
    assert [*statuses("xyxxyy")] == [503, 503, 503, 200, 503, 200]


def test_retry_after_is_what_the_client_waits(faulty):
    faulty.faults({"fault": "429", "tries": 1, "seconds": 0.01})
    with pytest.raises(openai.RateLimitError) as refused:
        ask(faulty, "a")
    assert refused.value.response.headers["retry-after"] == "0.01"
    assert ask(faulty, "b", retries=1).choices
    assert faulty.counts()["requests"] == 3


def test_an_answer_that_is_told(faulty):
    faulty.faults({"fault": "say", "contains": "2+3", "text": "답은 \\boxed{5}"})
    assert ask(faulty, "2+3=?").choices[0].message.content == "답은 \\boxed{5}"
    assert ask(faulty, "2+4=?").choices[0].message.content != "답은 \\boxed{5}"
    assert faulty.counts()["answered"] == 2


def test_slow_answers_are_in_flight_together(faulty):
    faulty.faults({"fault": "slow", "seconds": 0.3})
    with ThreadPoolExecutor(4) as several:
        assert all(several.map(lambda n: ask(faulty, str(n)).choices, range(8)))
    counts = faulty.counts()
    assert 1 < counts["most_in_flight"] <= 4 and counts["answered"] == 8


def test_a_client_that_has_left_is_not_answered(faulty):
    faulty.faults({"fault": "slow", "seconds": 0.3})
    with pytest.raises(openai.APITimeoutError):
        ask(faulty, "left", timeout=0.1)
    ask(faulty, "waits")  # until after the first would have been answered
    counts = faulty.counts()
    assert (counts["requests"], counts["answered"]) == (2, 1)


def test_it_is_down_and_returns(faulty):
    port = faulty.root
    faulty.faults({"fault": "down", "first": 1, "seconds": 0.5})
    with pytest.raises(openai.APIConnectionError):
        ask(faulty)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{port}/counts")
    assert ask(faulty, retries=9).choices
    assert faulty.counts()["requests"] == 2, "counted before and after"


def test_rules_that_are_none_are_refused(faulty):
    for rule, words in (({"fault": "fire"}, "known: 400, 401"), ({"fault": "500", "n": 1}, "'n'")):
        with pytest.raises(AssertionError, match=words):
            faulty.faults(rule)


def test_before_a_model_it_passes_on(servers, faulty_model):
    faulty_model.faults({"fault": "cut", "tries": 1})
    name = {"model": servers[1].model, "temperature": 0}
    answer = ask(faulty_model, "도서관의 낡은", retries=1, **name)
    assert answer.choices[0].message.content.strip() in KOREAN
    assert answer.usage.completion_tokens > 5
    with pytest.raises(openai.BadRequestError) as refused:
        ask(faulty_model, "비", retries=1, model="another")
    assert "requested 'another'" in refused.value.response.text
    counts = faulty_model.counts()
    assert (counts["requests"], counts["answered"], counts["asked_again"]) == (4, 1, 0)


def test_it_ends_with_who_started_it():
    code = (
        "import os, signal\n"
        "from tests.generate.endpoint import running\n"
        "with running() as endpoint:\n"
        "    print(endpoint.root, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    for _ in range(1000):  # the pipe closes when the kernel has ended the process
        try:
            httpx.get(f"{done.stdout.strip()}/health", timeout=5)
        except httpx.TransportError:
            break
    else:
        raise AssertionError("it still answers")
