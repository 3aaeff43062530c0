"""`n_chat_tokens`: counts by name; what is counted is held against packing in tests/pack."""

import pytest

import lake
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.steps.n_chat_tokens import NChatTokens
from kormo_ds.text.tokens import SPECIAL_TOKENS


def test_a_name_is_looked_up_in_the_lake(tmp_path, tokenizer_file):
    lk = lake.create(tmp_path / "lake")
    lk.write_bytes(tokenizer_file.read_bytes(), "tokenizers", "mine", "tokenizer.json")
    step = NChatTokens(tokenizer="mine").at(lk)
    assert [column.name for column in step.writes] == ["n_chat_tokens_mine"]
    assert step.fingerprint == NChatTokens(tokenizer=str(tokenizer_file)).fingerprint
    with pytest.raises(UnknownName, match="unknown tokenizer 'mien'; did you mean 'mine'?"):
        NChatTokens(tokenizer="mien").at(lk)
    with pytest.raises(BadConfig, match="n_chat_tokens needs a tokenizer: n_chat_tokens.tok"):
        NChatTokens().at(lk)


def test_a_tokenizer_without_the_tokens_of_a_turn(tokenizer_file):
    import pyarrow as pa

    from lake.tables import TABLES

    said = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    schema = pa.schema([TABLES["documents"].schema.field(n) for n in ("messages", "meta")])
    batch = pa.RecordBatch.from_pylist([{"messages": said}, {}], schema=schema)
    with pytest.raises(BadInput, match=r"tokenizer 'bytes' has no <\|BOT\|>"):
        NChatTokens(tokenizer=str(tokenizer_file))(batch)
    from tokenizers import Tokenizer

    whole = Tokenizer.from_file(str(tokenizer_file))
    whole.add_special_tokens(list(SPECIAL_TOKENS))
    other = tokenizer_file.parent.parent / "all" / "tokenizer.json"
    other.parent.mkdir()
    whole.save(str(other))
    # BOS, then BOT user⏎ a EOT⏎, then BOT assistant⏎ think⏎ /think⏎⏎ b EOT⏎
    counts = NChatTokens(tokenizer=str(other))(batch).to_pydict()
    assert counts == {"n_chat_tokens_all": [1 + (1 + 5 + 1 + 2) + (1 + 10 + 2 + 3 + 1 + 2), 0]}
