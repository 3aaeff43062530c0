"""Real Korean and English: a text is less surprising than the same words or letters shuffled."""

import json
import random
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest

from kormo_ds.text import kneser_ney, perplexity_model, pieces, words

CORPUS = Path(__file__).parents[2] / "../shared/corpus"


@pytest.mark.parametrize("name", ["ko/petitions", "en/synth_arena_hard"])
def test_shuffled_text_is_more_surprising(name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip("the corpus of real text is not beside the project")
    import zstandard

    with zstandard.open(path, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in islice(file, 900)]
    known, asked = pa.array(texts[:700]), texts[700:]
    model = kneser_ney.train(*pieces.of_words(known, words.boundaries(known)), 5, 2)
    draw = random.Random(0)

    def shuffled(parts):
        return draw.sample(parts, len(parts))

    plain = perplexity_model.of_texts(model, pa.array(asked))
    by_words = [" ".join(shuffled(text.split(" "))) for text in asked]
    by_letters = ["".join(shuffled(list(text))) for text in asked]
    for garbled in (by_words, by_letters):
        worse = perplexity_model.of_texts(model, pa.array(garbled)) > plain
        assert worse.mean() > 0.95
