"""The servers that other tests ask: real models that answer in sentences they have learned."""

import openai
import pytest

from tests.sample import ENGLISH, KOREAN


def ask(server, text, **settings):
    client = openai.OpenAI(base_url=server.url, api_key="none", max_retries=0, timeout=60)
    said = [{"role": "user", "content": text}]
    asked = {"model": server.model, "max_tokens": 48, "temperature": 0} | settings
    return client.chat.completions.create(messages=said, **asked)


def test_a_question_is_answered_and_counted(servers):
    korean = ask(servers[1], "도서관의 낡은")
    assert korean.choices[0].message.content.strip() in KOREAN
    assert korean.choices[0].finish_reason == "stop"
    english = ask(servers[1], "My grandmother measured")
    assert english.choices[0].message.content.strip() in ENGLISH
    assert 4 <= korean.usage.prompt_tokens <= 20 and 8 <= korean.usage.completion_tokens <= 47
    assert korean.usage.total_tokens == (
        korean.usage.prompt_tokens + korean.usage.completion_tokens
    )


def test_two_servers_answer_differently(servers):
    assert servers[0].model != servers[1].model
    known = KOREAN[:12]
    questions = [" ".join(sentence.split()[:2]) for sentence in known]
    answers = [
        [ask(server, text, max_tokens=24).choices[0].message.content for text in questions]
        for server in servers
    ]
    differing = sum(a != b for a, b in zip(*answers, strict=True))
    assert differing > len(known) / 4
    learned = [
        sum(said.strip() == sentence for said, sentence in zip(given, known, strict=True))
        for given in answers
    ]
    assert learned[1] > learned[0], "the later checkpoint knows more"


def test_an_answer_that_is_cut_says_so(servers):
    answer = ask(servers[1], "도서관의 낡은", max_tokens=3)
    assert (answer.choices[0].finish_reason, answer.usage.completion_tokens) == ("length", 3)


def test_a_temperature_draws_and_a_seed_draws_the_same(servers):
    drawn = [
        ask(servers[0], "비", temperature=1.5, seed=seed).choices[0].message.content
        for seed in (1, 1, 2, 3, 4)
    ]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 2


def test_what_a_server_refuses(servers):
    with pytest.raises(openai.BadRequestError) as refused:
        ask(servers[0], "비", model="another")
    assert "requested 'another'" in refused.value.response.text
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        ask(servers[0], "비", extra_body={"top_k": 5})
    assert "top_k" in refused.value.response.text
