import pytest
import torch

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadInput
from kormo_ds.model import Sampling, Transformer, generate, init_weights
from kormo_ds.model.generation import draw

torch.set_num_threads(1)
CONFIG = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=64,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    head_dim=8,
    init_std=0.4,
    max_positions=64,
)
NEVER = -1


@pytest.fixture(scope="module")
def model():
    model = Transformer(CONFIG)
    init_weights(model, seed=2)
    return model


def _continued(model, prompt, stop=NEVER, n_ids=128, **settings):
    sampling = Sampling(**settings)
    return list(generate(model, prompt, n_ids=n_ids, stop=stop, sampling=sampling))


@torch.no_grad()
def _without_cache(model, prompt, n_tokens, temperature, top_p, seed):
    """The whole stream again for every token."""
    generator = torch.Generator().manual_seed(seed)
    stream = list(prompt)
    for _ in range(n_tokens):
        logits = model.logits(torch.tensor(stream), torch.arange(len(stream)), [len(stream)])
        stream.append(draw(logits[-1], temperature, top_p, generator))
    return stream[len(prompt) :]


@pytest.mark.parametrize("prompt", [[3], [3, 100, 7, 41, 41, 9]])
@pytest.mark.parametrize(("temperature", "top_p"), [(0.0, 1.0), (1.0, 1.0), (0.7, 0.8)])
def test_the_cache_changes_no_token(model, prompt, temperature, top_p):
    cached = _continued(model, prompt, max_tokens=40, temperature=temperature, top_p=top_p, seed=5)
    assert cached == _without_cache(model, prompt, 40, temperature, top_p, 5)
    assert len(set(cached)) > 3


def test_a_seed_repeats(model):
    first = _continued(model, [3], max_tokens=30, temperature=1.0, seed=1)
    assert first == _continued(model, [3], max_tokens=30, temperature=1.0, seed=1)
    assert first != _continued(model, [3], max_tokens=30, temperature=1.0, seed=2)


def test_it_ends_before_the_stop_token(model):
    free = _continued(model, [3], max_tokens=30, temperature=1.0, seed=1)
    stop = free[12]
    assert (
        _continued(model, [3], stop=stop, max_tokens=30, temperature=1.0, seed=1)
        == (free[: free.index(stop)])
    )


def test_padding_of_the_vocabulary_is_never_drawn(model):
    free = _continued(model, [3], max_tokens=40, temperature=2.0)
    assert max(free) >= 40
    assert max(_continued(model, [3], n_ids=40, max_tokens=40, temperature=2.0)) < 40


@pytest.mark.parametrize(
    ("top_p", "possible"), [(0.5, {2}), (0.51, {2, 0}), (0.8, {2, 0}), (0.81, {2, 0, 1})]
)
def test_the_nucleus_is_the_fewest_tokens_that_reach_top_p(top_p, possible):
    logits = torch.tensor([0.3, 0.15, 0.5, 0.05]).log()
    generator = torch.Generator().manual_seed(0)
    assert {draw(logits, 1.0, top_p, generator) for _ in range(300)} == possible


def test_temperature_zero_takes_the_likeliest():
    assert draw(torch.tensor([1.0, 3.0, 2.0]), 0.0, 1.0, torch.Generator()) == 1


@pytest.mark.parametrize(
    "settings", [{"max_tokens": 0}, {"temperature": -1.0}, {"top_p": 0.0}, {"top_p": 1.1}]
)
def test_settings_out_of_range(settings):
    name, value = next(iter(settings.items()))
    with pytest.raises(BadInput, match=f"{name}={value}"):
        Sampling(**settings)


@pytest.mark.parametrize("prompt", [[], [1] * 60])
def test_prompt_must_fit(model, prompt):
    with pytest.raises(BadInput, match=rf"{len(prompt)} tokens of prompt and max_tokens=5"):
        _continued(model, prompt, max_tokens=5)
