"""`kormo step`: words into steps, and what is printed."""

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import lake
from kormo_ds.cli.step import app, chosen
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.length import Length


def test_words_become_steps():
    words = ["length", "clean", "length.min_words=5", "clean.uncurl_quotes=true"]
    assert chosen(words) == [Length(min_words=5), Clean(uncurl_quotes=True)]


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ([], BadInput, "no step to run; name some of: clean, url, length"),
        (["lenght"], UnknownName, "unknown step 'lenght'; did you mean 'length'?"),
        (["length", "min_words=5"], BadConfig, "names no step; write length.min_words=5"),
        (["length", "clan.x=5"], UnknownName, "unknown step 'clan'; did you mean 'clean'?"),
        (["length", "clean.x=5"], BadConfig, "is of step clean, which is not to be run"),
        (["length", "length.min_word=5"], UnknownName, "'min_word'; did you mean 'min_words'?"),
        (["length", "length.min_words=few"], BadConfig, "could not be converted to Integer"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_that_cannot_be_used(words, error, message):
    with pytest.raises(error) as raised:
        chosen(words)
    assert message in str(raised.value)


def test_run_prints_the_reasons(tmp_path):
    lk = lake.create(tmp_path)
    texts = ["하나 둘 셋", "하나", "", "하나 둘"]
    lk.append("documents", pa.table({"doc_id": ["a", "b", "c", "d"], "text": texts}))
    words = ["run", "length", "clean", "length.min_words=2", "--lake", str(tmp_path)]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.stdout.splitlines() == [
        "4 documents computed, 0 were there already",
        "column         reason     documents  share",
        "-------------  ---------  ---------  -----",
        "length_reason  kept               2  50.0%",
        "length_reason  too_short          1  25.0%",
        "length_reason  no_text            1  25.0%",
    ]
    again = CliRunner().invoke(app, words, catch_exceptions=False)
    assert again.stdout == "0 documents computed, 4 were there already\n"


def test_list_names_every_column_and_setting():
    printed = CliRunner().invoke(app, ["list"], catch_exceptions=False).stdout
    for word in ("text_clean", "lang_reason", "n_tokens_<tokenizer>", "length.min_words"):
        assert word in printed
