"""A tiny model learns to think when it is told to, and does not where its data never said so.

Both models read the same questions and answers, with thoughts and without; one reads them as
`kormo sft variants` makes them, the other without their system prompts. The loss has the rule
`kormo`, so the choice behind `<think>⏎` is what is learnt.
"""

import numpy as np
import pytest
import torch

from kormo_ds.chat import Encoder, render
from kormo_ds.config import ModelConfig
from kormo_ds.conversations import Settings
from kormo_ds.conversations.toggle import library
from kormo_ds.conversations.variant import READS, Variants
from kormo_ds.documents import conversation
from kormo_ds.model import Batch, Sampling, Transformer, generate, init_weights

STEPS, CHATS_A_STEP, QUESTIONS = 200, 16, 40
SHAPE = {"hidden_size": 64, "ffn_size": 128, "n_layers": 2, "n_heads": 4, "n_kv_heads": 4}
NAMES = [
    *("sea", "hill", "tree", "road", "lamp", "boat", "bird", "rain"),
    *("snow", "wind", "door", "book", "fish", "moon", "star", "leaf"),
]


def asked(number):
    return conversation.turn("user", f"{NAMES[number % 10]}?")


def parents():
    """Ten questions, each with four answers; a question does not say how its thoughts begin."""
    for number in range(QUESTIONS):
        thought = f"{NAMES[number * 7 % 16]} is {number % 7}"
        said = [asked(number), conversation.turn("assistant", f"{number % 10}.", thought)]
        about = {"doc_id": str(number), "source": "s", "lang": "en", "messages": said}
        yield dict.fromkeys(READS) | about


def chats(with_toggles):
    variants = Variants(Settings(), library())
    found = [one.messages for parent in parents() for one in variants(parent)]
    assert len(found) == 2 * QUESTIONS
    return found if with_toggles else [turns[1:] for turns in found]


def trained(vocabulary, with_toggles):
    """A model of 0.1 million parameters after `STEPS` steps of `CHATS_A_STEP` conversations."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    encoded = Encoder(vocabulary)([render(turns) for turns in chats(with_toggles)])
    config = ModelConfig(vocab_size=vocabulary.padded_size, head_dim=16, init_std=0.05, **SHAPE)
    model = Transformer(config)
    init_weights(model, 3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.98))
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, STEPS)
    draw = torch.Generator().manual_seed(1)
    sizes = encoded.edges[1:] - encoded.edges[:-1]
    for _ in range(STEPS):
        chosen = torch.randperm(len(sizes), generator=draw)[:CHATS_A_STEP].numpy()
        batch = batch_of(encoded, chosen, sizes)
        loss = model(*batch.inputs).sum() / batch.n_scored
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
    return model.requires_grad_(False)


def batch_of(encoded, chosen, sizes):
    """One row of whole conversations, positions from 0 in each."""
    spans = [slice(encoded.edges[i], encoded.edges[i + 1]) for i in chosen]
    scored = np.concatenate([encoded.scored[span] for span in spans])
    hidden = np.flatnonzero(~scored)
    return Batch.of_rows(
        np.concatenate([encoded.ids[span] for span in spans])[None],
        [sizes[chosen]],
        [np.stack([hidden, hidden + 1], axis=1)],
        positions="document",
    )


def forms(model, vocabulary, toggles):
    """Of 20 prompts: answers with thoughts where thinking is on, and without where it is off."""
    counts = []
    for thinking in (True, False):
        counts.append(0)
        for number in range(20):
            said = render([asked(number)], prompt=True, thinking=thinking if toggles else None)
            if not toggles and not thinking:
                said = render([asked(number)], prompt=True, thinking=False)
                said = [one for one in said if one.role != "system"]
            ids = Encoder(vocabulary)([said]).ids.tolist()
            answer = generate(
                model,
                ids,
                n_ids=vocabulary.size,
                stop=vocabulary.token("<|EOT|>"),
                sampling=Sampling(max_tokens=40),
            )
            thought, closed, _ = vocabulary.tokenizer.decode(
                list(answer), skip_special_tokens=False
            ).partition("</think>")
            counts[-1] += bool(closed and thought.strip()) if thinking else not closed
    return counts


@pytest.mark.timeout(200)
def test_a_model_thinks_when_told_to_only_if_its_data_said_so(phrases):
    on, off = forms(trained(phrases, True), phrases, True)
    assert on >= 19 and off >= 19
    on, off = forms(trained(phrases, False), phrases, False)
    assert on <= 1, "the failure that toggles are against"
    assert off >= 19
