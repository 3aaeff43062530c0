"""`contamination` on real text: what docs/contamination.md says of GSM8K and of KLUE-NLI."""

import json
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard

import lake
from kormo_ds.ingest.eval_set import Columns, add
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.contamination import Contamination
from kormo_ds.steps.run import run

CORPUS = Path(__file__).parents[2] / "../shared/corpus"


@pytest.mark.parametrize(
    ("eval_set", "column", "source", "n_texts", "n_found"),
    [
        ("gsm8k_test", "question", "en/synth_gsm8k_gpt3_solutions", 400, 400),
        ("gsm8k_test", "question", "en/gsm8k_train", 400, 1),
        ("klue_nli_dev", "premise", "ko/korquad_wiki_contexts", 140, 1),
        ("klue_nli_dev", "premise", "ko/cncf_glossary_ko", 23, 0),
    ],
)
def test_documents_found(tmp_path, eval_set, column, source, n_texts, n_found):
    if not CORPUS.exists():
        pytest.skip(f"no real text at {CORPUS} to compare on")
    lk = lake.create(tmp_path / "lake")
    items = str(CORPUS / "evals" / f"{eval_set}.jsonl.zst")
    assert add(lk, eval_set, [items], Columns(text=column)).n_rejected == 0
    with zstandard.open(CORPUS / f"{source}.jsonl.zst", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, n_texts)]
    ids = [f"d{i}" for i in range(len(texts))]
    lk.append("documents", pa.table({"doc_id": ids, "text": texts}))
    run(lk, [Clean(), Contamination()])
    found = lk.dataset("documents").to_table(filter="contamination_reason = 'eval_overlap'")
    assert (len(texts), len(found)) == (n_texts, n_found)
    for names in found["contaminated_by"].to_pylist():
        assert names and all(name.startswith(f"{eval_set}:") for name in names)
