"""A plan is the same requests for ever: shares, stability, and every fault with its message."""

from collections import Counter

import pytest

from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.generate import plan
from kormo_ds.generate.request import Request, Sampling
from lake import BadQuery


def asked(made, lk):
    """(seed, sample) of each request: its endpoint, prompt and message."""
    return {
        (request.parent_id, request.sample): (name, request.prompt_id, request.messages)
        for name in made.synthesizers
        for request in made.requests(lk, name)
    }


def test_one_request(seeds_of, plan_file):
    made = plan.read(str(plan_file), ["prompts.more=0", "topic_share=1"])
    lk = seeds_of(2)
    (first, second) = sorted(
        (r for name in made.endpoints for r in made.requests(lk, name)),
        key=lambda request: request.parent_id,
    )
    assert first == Request(
        messages=(("user", first.messages[0][1]),),
        sampling=Sampling(max_tokens=64),
        prompt_id="tell@1",
        parent_id="0" * 32,
        sample=0,
    )
    audience = made.values_of(made.used["tell"], first.parent_id, 0)["audience"]
    assert first.messages[0][1] == f"알려 주세요.\n독자: {audience}\n0번째 글. 바다는 푸르다."
    assert "\n주제: 바다\n" in second.messages[0][1]


def test_shares_hold_in_expectation_and_do_not_depend_on_one_another(seeds_of, plan_file):
    made = plan.read(str(plan_file), ["per_seed=2"])
    lk = seeds_of(5000)
    every = asked(made, lk)
    assert len(every) == 10_000
    by = Counter((name, prompt_id) for name, prompt_id, _ in every.values())
    expected = {("big", "more@1"): 1875, ("big", "tell@1"): 5625}
    expected |= {("small", "more@1"): 625, ("small", "tell@1"): 1875}
    for key, n in expected.items():
        assert abs(by[key] - n) < 5 * (n * (1 - n / 10_000)) ** 0.5, key
    audiences = Counter(
        "어린이" in said[-1][1] for _, name, said in every.values() if name == "tell@1"
    )
    assert abs(audiences[True] - audiences[False]) < 5 * 7500**0.5
    topics = [said[-1][1] for _, name, said in every.values() if name == "tell@1"]
    n_topics = sum("주제: 바다" in said for said in topics)
    assert abs(n_topics - 1875) < 5 * (7500 * 0.25 * 0.75) ** 0.5


def test_more_seeds_and_other_limits_change_nothing_for_earlier_ones(seeds_of, plan_file):
    made = plan.read(str(plan_file), ["per_seed=2"])
    few, many = asked(made, seeds_of(50, "few")), asked(made, seeds_of(400, "many"))
    assert len(many) == 800 and few == {key: many[key] for key in few}
    one = asked(plan.read(str(plan_file)), seeds_of(50, "one"))
    assert one == {key: value for key, value in few.items() if key[1] == 0}


def test_another_seed_chooses_otherwise(seeds_of, plan_file):
    lk = seeds_of(100)
    first, second = (asked(plan.read(str(plan_file), [f"seed={n}"]), lk) for n in (1, 2))
    assert first.keys() == second.keys() and first != second
    assert asked(plan.read(str(plan_file), ["seed=1"]), lk) == first


def test_an_endpoint_gets_its_own_whatever_the_others_do(seeds_of, plan_file):
    lk = seeds_of(200)
    both = asked(plan.read(str(plan_file)), lk)
    alone = list(plan.read(str(plan_file)).requests(lk, "small"))
    assert {r.parent_id for r in alone} == {key for (key, _), v in both.items() if v[0] == "small"}


def test_values_of_parameters_in_the_plan(seeds_of, plan_file):
    made = plan.read(str(plan_file), ["parameters.audience=[할머니]", "prompts.more=0"])
    said = [value[2][-1][1] for value in asked(made, seeds_of(10)).values()]
    assert all("독자: 할머니" in text for text in said)


@pytest.mark.parametrize("name", plan.known())
def test_shipped(name):
    made = plan.read(name)
    assert made.used and made.languages == ["ko"] and made.source.startswith("synth_")
    assert sum(made.prompts.values()) == pytest.approx(1)


def test_the_five_sets_of_the_paper_are_there():
    assert len(plan.known()) == len({plan.read(name).source for name in plan.known()}) == 5


@pytest.mark.parametrize(
    ("word", "error", "message"),
    [
        ("promts.x=1", UnknownName, "unknown setting 'promts'; did you mean 'prompts'"),
        ("seeds.querry=x", UnknownName, "unknown setting 'seeds.querry'"),
        ("prompts.tel=1", UnknownName, "unknown prompt 'tel'; did you mean 'tell'"),
        ("parameters.audiense=[x]", UnknownName, "unknown parameter of the prompts 'audiense'"),
        ("parameters.audience=[]", BadInput, r"parameter audience: \[\] cannot be"),
        ("seeds.query=web_kr", UnknownName, "unknown seed query 'web_kr'"),
        ("seeds.parameters.lang=ko", BadQuery, "query seeds has no parameter 'lang'"),
        ("seeds.parameters.seed=x", BadQuery, "parameter seed=x"),
        ("seeds.limit=-1", BadConfig, "mine.yaml: seeds.limit=-1 must be 0 or more"),
        ("seeds.chars=-1", BadConfig, "seeds.chars=-1 must be 0 or more"),
        ("languages=[en]", BadConfig, "prompt more asks for 'ko', and the plan's languages are en"),
        ("per_seed=0", BadConfig, "per_seed=0 must be 1 or more"),
        ("per_seed=x", BadConfig, "mine.yaml: per_seed: Value 'x'"),
        ("topic_share=2", BadConfig, "topic_share=2.0 must be from 0 to 1"),
        ("source=' '", BadConfig, "source= is empty"),
        ("prompts.tell=-1", BadConfig, "prompts.tell=-1.0 is no share"),
        ("prompts.tell=.inf", BadConfig, "prompts.tell=inf is no share"),
        ("sampling.temperature=9", BadConfig, "temperature=9.0 must be from 0 to 2"),
        ("prompt_folder=gone", BadInput, "prompt_folder=gone is not a folder"),
    ],
)
def test_settings_that_cannot_be(plan_file, word, error, message):
    with pytest.raises(error, match=message):
        plan.read(str(plan_file), [word])


def test_files_that_cannot_be(plan_file, tmp_path, seeds_of):
    text = plan_file.read_text()
    plan_file.write_text(text.replace("kind: rewrite\n", ""))
    with pytest.raises(BadConfig, match="mine.yaml: kind is not set"):
        plan.read(str(plan_file))
    plan_file.write_text(text + "source: [\n")
    with pytest.raises(BadInput, match="cannot read plan .*mine.yaml"):
        plan.read(str(plan_file))
    plan_file.write_text(text)
    for words in (
        ["synthesizers.big=0", "synthesizers.small=0"],
        ["prompts.more=0", "prompts.tell=0"],
    ):
        with pytest.raises(BadConfig, match="have no share above 0"):
            plan.read(str(plan_file), words)
    with pytest.raises(
        UnknownName, match="unknown plan 'cosmopedia'; did you mean 'cosmopedia_ko'"
    ):
        plan.read("cosmopedia")
    with pytest.raises(UnknownName, match="unknown synthesizer of the plan 'huge'"):
        list(plan.read(str(plan_file)).requests(seeds_of(1), "huge"))
