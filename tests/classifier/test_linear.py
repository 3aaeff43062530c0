"""A folded model gives fastText's own probabilities, and its file is one that fastText loads."""

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import fasttext
import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.classifier import Settings, Task
from kormo_ds.classifier.fit import fit, line
from kormo_ds.classifier.linear import Linear
from kormo_ds.errors import BadInput, Damaged

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
TASK = Task("quality", "hq", "cc")
LOG_OF_FASTTEXT = 1e-5
"""fastText adds this to a probability before it takes the logarithm."""
ODD = [
    "",
    " ",
    "\n",
    "a",
    "a b a b c",
    "a\tb\vc\fd\re\0f\ng",
    "한국어 문장 \u3000 전각　공백",
    "__label__hq a b",
    "a __label__ b __label__cc",
    "a </s> b",
    "</s>",
    "x</s> </sx </s",
    "_ __ __label",
    "😀 😀 \x01\x1f é",
    "a" * 5000,
]


def probabilities(model, texts):
    labels, scores = model.predict([line(text) for text in texts], k=2)
    return np.array(
        [
            dict(zip(names, values, strict=True))["__label__hq"]
            for names, values in zip(labels, scores, strict=True)
        ]
    )


def drawn(n, seed):
    draw = np.random.default_rng(seed)
    words = ["가", "나다", "the", "é", "ab", "x" * 40, "1", "?", "</s>", "__label__hq", "긴단어"]
    return [" ".join(draw.choice(words, draw.integers(0, 60))) for _ in range(n)]


@pytest.mark.parametrize(
    ("ngrams", "bucket"), [(1, 1000), (2, 1024), (2, 1000), (3, 500), (5, 4096)]
)
def test_the_scores_are_those_of_fasttext(ngrams, bucket, tmp_path):
    texts = drawn(200, 1)
    truth = [text.count("가") > text.count("the") for text in texts]
    settings = Settings(word_ngrams=ngrams, bucket=bucket, dim=10, lr=1.0, epoch=30)
    ours = fit(zip(truth, texts, strict=True), TASK, settings)
    found = ours.score(pa.array(texts + ODD))

    labelled = zip(truth, texts, strict=True)
    lines = (f"__label__{'hq' if good else 'cc'} {line(text)}\n" for good, text in labelled)
    (tmp_path / "lines.txt").write_text("".join(lines), encoding="utf-8")
    train = (
        "import fasttext; fasttext.train_supervised('lines.txt', lr=1.0, dim=10, "
        f"epoch=30, bucket={bucket}, wordNgrams={ngrams}, thread=1, verbose=0)"
        ".save_model('full.bin')"
    )
    zeroed = os.environ | {"MALLOC_PERTURB_": "255"}
    subprocess.run([sys.executable, "-c", train], cwd=tmp_path, env=zeroed, check=True)
    theirs = fasttext.load_model(str(tmp_path / "full.bin"))
    expected = probabilities(theirs, texts + ODD) - LOG_OF_FASTTEXT
    assert np.abs(found - expected).max() < 2e-6
    assert found.std() > 0.1

    folded = tmp_path / "model.bin"
    folded.write_bytes(ours.to_bytes())
    loaded = fasttext.load_model(str(folded))
    assert np.abs(found + LOG_OF_FASTTEXT - probabilities(loaded, texts + ODD)).max() < 2e-6
    assert (loaded.get_dimension(), loaded.get_labels()) == (1, ["__label__hq", "__label__cc"])

    again = Linear.from_bytes(folded.read_bytes(), "model.bin")
    assert np.array_equal(again.score(pa.array(texts + ODD)), found)
    assert again.labels == ("hq", "cc")


def test_the_scores_are_those_of_fasttext_on_real_text(tmp_path):
    if not CORPUS.exists():
        pytest.skip(f"needs the corpus at {CORPUS}")
    zstandard = pytest.importorskip("zstandard")
    texts = []
    for name in ("ko/chatbot_qa", "ko/tfdocs_ko", "en/django_docs", "ko/nsmc_review_pages"):
        with zstandard.open(CORPUS / f"{name}.jsonl.zst", "rt", encoding="utf-8") as lines:
            texts += [json.loads(each)["text"] for each in islice(lines, 40)]
    ours = fit(enumerate(texts), TASK, Settings(bucket=2**14, dim=10))
    folded = tmp_path / "model.bin"
    folded.write_bytes(ours.to_bytes())
    expected = probabilities(fasttext.load_model(str(folded)), texts) - LOG_OF_FASTTEXT
    assert np.abs(ours.score(pa.array(texts)) - expected).max() < 2e-6


def test_a_score_is_the_mean_of_the_features():
    """Words a = 1, b = 2, </s> = 4, one bucket = 8, by hand."""
    weights = np.array([1, 2, 4, 8], np.float32)
    model = Linear.of(("hq", "cc"), [b"a", b"b", b"</s>"], weights, 2)
    means = {
        "": 4 / 1,
        "a": (1 + 4 + 8) / 3,
        "a b": (1 + 2 + 4 + 8 + 8) / 5,
        "?": (4 + 8) / 2,
        "a ? b": (1 + 2 + 4 + 3 * 8) / 6,
        " a\n\nb\t": (1 + 2 + 4 + 8 + 8) / 5,
        "a __label__x </s> b": (1 + 2 + 4 + 8 + 8) / 5,
    }
    expected = [1 / (1 + np.exp(-mean)) for mean in means.values()]
    assert model.score(pa.array(means)).tolist() == pytest.approx(expected, rel=1e-15)
    sliced = pa.chunked_array([pa.array(["b b b", *means]).slice(1)])
    assert model.score(sliced).tolist() == pytest.approx(expected, rel=1e-15)
    assert model.score(pa.array([], pa.string())).tolist() == []
    assert model.score(pa.array([None, "a"]))[1] == pytest.approx(expected[1])


def test_a_huge_score_does_not_overflow():
    model = Linear.of(("hq", "cc"), [b"a", b"</s>"], np.array([-5000, -5000], np.float32), 1)
    assert model.score(pa.array(["a"])).tolist() == [0.0]


@pytest.mark.parametrize(
    "broken",
    [
        lambda data: b"",
        lambda data: data[:100],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: b"no model at all, but long enough to have a header" * 3,
    ],
)
def test_a_file_that_is_cut_off_or_of_another_kind(broken):
    data = Linear.of(("hq", "cc"), [b"</s>"], np.ones(5, np.float32), 2).to_bytes()
    Linear.from_bytes(data, "m")
    with pytest.raises(Damaged, match="m is not a model that kormo wrote, or is cut off"):
        Linear.from_bytes(broken(data), "m")


def test_one_thread_makes_the_same_model():
    texts, settings = drawn(50, 2), Settings(bucket=512, dim=5)
    first, second = (fit(enumerate(texts), TASK, settings).to_bytes() for _ in range(2))
    assert first == second


def test_nothing_to_learn_from():
    with pytest.raises(BadInput, match="fastText cannot train on these documents"):
        fit([], TASK, Settings(bucket=16, dim=2))


def test_all_of_one_class():
    with pytest.raises(BadInput, match="hq and cc are needed, these are all hq"):
        fit([(True, "a")], TASK, Settings(bucket=16, dim=2))
