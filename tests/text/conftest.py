"""Real texts for comparisons with naive counts, where the corpus is there."""

import json
from itertools import islice
from pathlib import Path

import pytest
import zstandard

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
FILES = (
    *("ko/law_statutes", "ko/nsmc_review_pages", "ko/tfdocs_ko", "ko/blog_johngrib"),
    *("en/msdocs_cpp_en", "en/gutenberg_books", "en/synth_arena_hard"),
)


@pytest.fixture(params=FILES)
def real_texts(request):
    """Some thirty documents of one source."""
    path = CORPUS / f"{request.param}.jsonl.zst"
    if not path.exists():
        pytest.skip(f"no corpus at {path}")
    with zstandard.open(path, "rt", encoding="utf-8") as rows:
        return [json.loads(row)["text"] for row in islice(rows, 0, 450, 15)]
