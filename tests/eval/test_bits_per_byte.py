import math

import pytest
import torch

from kormo_ds.errors import BadInput
from kormo_ds.eval.bits_per_byte import _windows, scores
from kormo_ds.eval.documents import Document

KO, EN, LONG = "바다는 아침마다", "The harbour wakes", "lighthouse " * 9


def document(text, doc_id="d"):
    return Document(doc_id=doc_id, text=text, lang="ko", source="web", synthesizer=None)


def scored(model, vocabulary, texts, **settings):
    documents = [document(text, str(i)) for i, text in enumerate(texts)]
    return list(scores(model, vocabulary, documents, **{"length": 64, **settings}))


@pytest.mark.parametrize(
    ("length", "windows"),
    [
        (1, [([9], [1]), ([1], [2]), ([2], [3])]),
        (2, [([9, 1], [1, 2]), ([2], [3])]),
        (3, [([9, 1, 2], [1, 2, 3])]),
        (4, [([9, 1, 2], [1, 2, 3])]),
    ],
)
def test_every_token_but_bos_is_a_label_once(length, windows):
    assert [(w.tokens, w.labels) for w in _windows(0, [9, 1, 2, 3], length)] == windows


def test_a_document_without_text_has_no_window():
    assert list(_windows(0, [9], 4)) == []


def test_a_model_that_knows_nothing_pays_the_whole_vocabulary(trained, vocabulary):
    torch.nn.init.zeros_(trained.lm_head.weight)
    [korean, english, empty] = scored(trained, vocabulary, [KO, EN, ""])
    assert (korean.n_tokens, korean.n_bytes) == (22, 22)
    assert korean.bits == pytest.approx(22 * math.log2(512), rel=1e-6)
    assert english.bits == pytest.approx(17 * math.log2(512), rel=1e-6)
    assert (empty.bits, empty.n_bytes, empty.n_tokens) == (0.0, 0, 0)


@torch.no_grad()
def _bits(model, stream):
    """-log₂ of the tokens after the first, one forward pass over them alone."""
    tokens = torch.tensor(stream[:-1])
    logits = model.logits(tokens, torch.arange(len(tokens)), [len(tokens)])
    chosen = logits.double().log_softmax(-1)[torch.arange(len(tokens)), stream[1:]]
    return float(-chosen.sum() / math.log(2))


def test_bits_are_those_of_the_text_after_bos_without_eos(trained, vocabulary):
    [score] = scored(trained, vocabulary, [KO])
    ids = vocabulary.encode([KO])[0].ids
    assert score.bits == pytest.approx(_bits(trained, [vocabulary.bos, *ids]), rel=1e-5)


def test_a_long_text_goes_on_from_the_last_token_of_the_window_before(trained, vocabulary):
    [score] = scored(trained, vocabulary, [LONG], length=40)
    stream = [vocabulary.bos, *vocabulary.encode([LONG])[0].ids]
    assert len(stream) == 100
    wanted = sum(_bits(trained, stream[at : at + 41]) for at in (0, 40, 80))
    assert score.bits == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("batch_tokens", [1, 30, 8192])
def test_neighbours_and_batches_change_nothing(trained, vocabulary, batch_tokens):
    alone = [scored(trained, vocabulary, [text])[0].bits for text in (LONG, KO, EN)]
    together = scored(trained, vocabulary, [LONG, "", KO, EN], batch_tokens=batch_tokens)
    assert [s.document.doc_id for s in together] == ["0", "1", "2", "3"]
    assert [s.bits for s in together if s.n_bytes] == pytest.approx(alone, rel=1e-5)


def test_more_documents_than_are_held_at_a_time(trained, vocabulary):
    texts = [f"{i:03}" for i in range(150)]
    seen = []
    documents = (document(text, text) for text in texts)
    got = scores(trained, vocabulary, documents, length=64, advance=lambda n=1: seen.append(n))
    assert [s.document.doc_id for s in got] == texts
    assert sum(seen) == 150


def test_length_must_be_positive(trained, vocabulary):
    with pytest.raises(BadInput, match="length=0"):
        scored(trained, vocabulary, [KO], length=0)
