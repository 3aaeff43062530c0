import pytest

from kormo_ds.errors import KormoError
from kormo_ds.generate.endpoint import Endpoint, read_endpoints

URL = "http://127.0.0.1:8000/v1"


def test_a_file_of_two(tmp_path):
    path = tmp_path / "endpoints.yaml"
    path.write_text(
        f"small: {{url: '{URL}', model: m}}\n"
        f"large: {{url: '{URL}', model: m, synthesizer: big, price_in: 0.5, price_out: 2,\n"
        "        extra: {chat_template_kwargs: {enable_thinking: false}}}\n"
    )
    small, large = read_endpoints(path).values()
    assert small == Endpoint("small", URL, "m")
    assert (small.synthesizer, large.synthesizer) == ("m", "big")
    assert large.cost(2_000_000, 500_000) == 2.0
    assert small.identity == "m"
    assert large.identity == 'm {"chat_template_kwargs": {"enable_thinking": false}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must hold endpoints as"),
        ("a: [", "is not YAML"),
        ("a: 3", "endpoint a must hold url, model"),
        ("a: {model: m}", "endpoint a lacks url"),
        (f"a: {{url: '{URL}'}}", "endpoint a lacks model"),
        ("a: {url: 127.0.0.1, model: m}", "url=127.0.0.1 must be an address"),
        ("a: {url: 'http://me:pw@h/v1', model: m}", "holds a user or password"),
        (f"a: {{url: '{URL}', model: m, keyy: K}}", "'a.keyy'.* known: .*key"),
        (f"a: {{url: '{URL}', model: m, in_flight: many}}", "in_flight: Value 'many'"),
        (f"a: {{url: '{URL}', model: m, in_flight: 0}}", "in_flight=0 must be above 0"),
        (f"a: {{url: '{URL}', model: m, price_in: -1}}", "price_in=-1.0 must be 0 or more"),
        (f"a: {{url: '{URL}', model: m, budget_money: 1}}", "needs price_in and price_out"),
        (f"a: {{url: '{URL}', model: m, extra: 3}}", "extra must hold names and values"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, text, said):
    path = tmp_path / "endpoints.yaml"
    path.write_text(text)
    with pytest.raises(KormoError, match=said) as error:
        read_endpoints(path)
    assert "pw" not in str(error.value)


def test_no_such_file(tmp_path):
    with pytest.raises(KormoError, match="cannot read endpoints .*none.yaml"):
        read_endpoints(tmp_path / "none.yaml")


def test_a_key_comes_from_the_environment_and_is_never_shown(monkeypatch):
    endpoint = Endpoint("a", URL, "m", key="A_KEY")
    with pytest.raises(KormoError, match="A_KEY holds no key; export A_KEY="):
        endpoint.secret()
    monkeypatch.setenv("A_KEY", "sk-secret\n")
    with pytest.raises(KormoError, match="A_KEY holds characters") as error:
        endpoint.secret()
    assert "sk-secret" not in str(error.value)
    monkeypatch.setenv("A_KEY", "sk-secret")
    assert endpoint.secret() == "sk-secret"
    assert "sk-secret" not in repr(endpoint)
