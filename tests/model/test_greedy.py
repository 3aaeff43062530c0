"""Many prompts together give what each gives alone."""

import pytest
import torch

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadInput
from kormo_ds.model import Sampling, Transformer, generate, init_weights
from kormo_ds.model.greedy import greedy

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
PROMPTS = [[3], [3, 100, 7, 41, 41, 9], [9] * 20, [5, 6]]
NEVER = -1


@pytest.fixture(scope="module")
def model():
    model = Transformer(CONFIG)
    init_weights(model, seed=2)
    return model


def _alone(model, prompt, max_tokens, stop=NEVER, n_ids=128):
    sampling = Sampling(max_tokens=max_tokens)
    return list(generate(model, prompt, n_ids=n_ids, stop=stop, sampling=sampling))


def test_together_is_what_each_is_alone(model):
    wanted = [_alone(model, prompt, 40) for prompt in PROMPTS]
    assert greedy(model, PROMPTS, n_ids=128, stop=NEVER, max_tokens=40) == wanted
    assert len({tuple(one) for one in wanted}) == 4


def test_streams_end_apart_and_change_no_other(model):
    stop = _alone(model, PROMPTS[1], 40)[5]
    wanted = [_alone(model, prompt, 40, stop) for prompt in PROMPTS]
    assert len({len(one) for one in wanted}) > 1
    assert greedy(model, PROMPTS, n_ids=128, stop=stop, max_tokens=40) == wanted

    def ended(number, tokens):
        return len(tokens) == number + 1

    found = greedy(model, PROMPTS, n_ids=128, stop=NEVER, max_tokens=40, ended=ended)
    assert found == [_alone(model, prompt, i + 1) for i, prompt in enumerate(PROMPTS)]


def test_padding_of_the_vocabulary_is_never_taken(model):
    found = greedy(model, PROMPTS, n_ids=40, stop=NEVER, max_tokens=20)
    assert found == [_alone(model, prompt, 20, n_ids=40) for prompt in PROMPTS]
    assert max(map(max, found)) < 40


@pytest.mark.parametrize(("prompts", "n"), [([[1], []], 4), ([[1] * 61], 4), ([[1]], 0)])
def test_what_does_not_fit(model, prompts, n):
    with pytest.raises(BadInput, match=f"max_tokens={n} wants 1 or more"):
        greedy(model, prompts, n_ids=128, stop=NEVER, max_tokens=n)


def test_what_begins_alike_is_copied_and_changes_nothing(model, monkeypatch):
    monkeypatch.setattr("kormo_ds.model.greedy.CHUNK", 3)
    text = torch.randint(0, 128, (40,), generator=torch.Generator().manual_seed(4)).tolist()
    prompts = [text, text[:25] + [1, 2, 3, 4, 5], text, text[:12], text[:3] + [9] * 20, [7, 8]]
    wanted = [_alone(model, prompt, 20) for prompt in prompts]
    seen = []
    real = Transformer.hidden

    def counted(self, tokens, *more):
        seen.append(len(tokens))
        return real(self, tokens, *more)

    monkeypatch.setattr(Transformer, "hidden", counted)
    assert greedy(model, prompts, n_ids=128, stop=NEVER, max_tokens=20) == wanted
    assert seen[: seen.index(6)] == [40, 3, 2, 1, 1, 3, 3, 3, 3, 3, 3, 2, 2]


def test_no_prompt_no_answer(model):
    assert greedy(model, [], n_ids=128, stop=NEVER, max_tokens=4) == []
