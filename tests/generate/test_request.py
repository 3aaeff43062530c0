import pytest

from kormo_ds.errors import BadConfig
from kormo_ds.generate.request import Request, Sampling

ASKED = (("user", "서울은 어떤 도시입니까?"),)


def request(messages=ASKED, sample=0, prompt_id="qa_ko@1", parent_id="a", **sampling):
    return Request(messages, Sampling(**sampling), prompt_id, parent_id, sample)


def test_the_id_stays_for_ever():
    assert request().id("m") == "ca9cc61d1598863ad549dcda81fcbe59"
    assert request().fingerprint == "bd9e4536433b209f2d9ecdecd3493a4d"


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({}, True),
        ({"prompt_id": "other@2"}, True),
        ({"parent_id": "b"}, True),
        ({"messages": (("user", "서울은 어떤 도시입니까? "),)}, False),
        ({"messages": (("system", "서울은 어떤 도시입니까?"),)}, False),
        ({"sample": 1}, False),
        ({"temperature": 0.0}, False),
        ({"max_tokens": 16}, False),
        ({"seed": 1}, False),
        ({"stop": ("\n",)}, False),
    ],
)
def test_what_makes_it_another_request(changed, same):
    assert (request(**changed).id("m") == request().id("m")) is same


def test_another_model_is_another_request():
    assert request().id("m") != request().id("n")


@pytest.mark.parametrize(
    ("sampling", "said"),
    [
        ({"temperature": 2.5}, "temperature=2.5 must be from 0 to 2"),
        ({"top_p": -0.1}, "top_p=-0.1 must be from 0 to 1"),
        ({"max_tokens": 0}, "max_tokens=0 must be 1 or more"),
    ],
)
def test_sampling_out_of_range(sampling, said):
    with pytest.raises(BadConfig, match=said):
        Sampling(**sampling)
