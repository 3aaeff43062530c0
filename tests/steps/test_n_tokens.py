"""`n_tokens` with a tokenizer of one token a byte."""

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import BadConfig, UnknownName
from kormo_ds.steps.n_tokens import NTokens

TEXTS = pa.RecordBatch.from_pydict({"text_clean": ["", "abc", "가나", "a<|BOS|>"]})


def test_counts_without_bos_and_eos(tokenizer_file):
    for path in (tokenizer_file, tokenizer_file.parent):
        step = NTokens(tokenizer=str(path))
        assert step(TEXTS).to_pydict() == {"n_tokens_bytes": [0, 3, 6, 8]}
        assert [column.name for column in step.writes] == ["n_tokens_bytes"]


def test_a_name_is_looked_up_in_the_lake(tmp_path, tokenizer_file):
    lk = lake.create(tmp_path / "lake")
    lk.write_bytes(tokenizer_file.read_bytes(), "tokenizers", "mine", "tokenizer.json")
    step = NTokens(tokenizer="mine").at(lk)
    assert [column.name for column in step.writes] == ["n_tokens_mine"]
    assert step.fingerprint == NTokens(tokenizer=str(tokenizer_file)).fingerprint
    with pytest.raises(UnknownName, match="unknown tokenizer 'mien'; did you mean 'mine'?"):
        NTokens(tokenizer="mien").at(lk)


def test_no_tokenizer(tmp_path):
    lk = lake.create(tmp_path / "lake")
    with pytest.raises(BadConfig, match="n_tokens needs a tokenizer: n_tokens.tokenizer=NAME"):
        NTokens().at(lk)
    with pytest.raises(UnknownName, match="unknown tokenizer file '/none/tokenizer.json'"):
        NTokens(tokenizer="/none").at(lk)
