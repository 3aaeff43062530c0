"""`clean` mends what is broken and leaves all else as it is."""

import json
from itertools import islice
from pathlib import Path

import ftfy
import pyarrow as pa
import pytest
import zstandard

from kormo_ds.errors import BadConfig
from kormo_ds.steps.clean import Clean

CORPUS = Path(__file__).parents[2] / "../shared/corpus"

MOJIBAKE = "한국어 문서".encode().decode("latin-1")
MENDED = {
    "그대로 둔다. It stays!": "그대로 둔다. It stays!",
    "schÃ¶n": "schön",
    MOJIBAKE: "한국어 문서",
    "a &amp; b &lt;c": "a & b <c",
    "<b>a</b> &amp; b": "<b>a</b> &amp; b",  # markup keeps its entities
    "a &amp; b\n<b>": "a &amp; b\n<b>",  # wherever in the text it stands
    "one\r\ntwo\rthree": "one\ntwo\nthree",
    "효과\x08를": "효과를",
    "\x1b[31mred\x1b[0m": "red",
    "각": "각",  # NFD to NFC
    "cafe\u0301": "café",
    "‘따옴표’ “quotes”": "‘따옴표’ “quotes”",
    "ＡＢＣ　①": "ＡＢＣ　①",
    "": "",
    "\n\n": "\n\n",
}


@pytest.mark.parametrize(("text", "mended"), MENDED.items(), ids=map(ascii, MENDED))
def test_mended(text, mended):
    batch = Clean()(pa.RecordBatch.from_pydict({"text": [text]}))
    assert batch.to_pylist() == [{"text_clean": mended, "clean_changed": mended != text}]


def test_null_text_becomes_an_empty_one():
    batch = Clean()(pa.RecordBatch.from_pydict({"text": pa.array([None, "a"], pa.string())}))
    assert batch.to_pylist() == [
        {"text_clean": "", "clean_changed": False},
        {"text_clean": "a", "clean_changed": False},
    ]


@pytest.mark.parametrize(
    ("settings", "mended"),
    [
        ({}, "“①”"),
        ({"normalization": "NFKC"}, "“1”"),
        ({"uncurl_quotes": True}, '"①"'),
    ],
    ids=str,
)
def test_settings(settings, mended):
    assert Clean(**settings).mended("“①”") == mended


def test_a_form_that_does_not_exist():
    with pytest.raises(BadConfig, match="clean.normalization=NFX is none of NFC, NFKC"):
        Clean(normalization="NFX")


@pytest.mark.parametrize("name", ["ko/blog_johngrib", "ko/tfdocs_ko", "en/gutenberg_books"])
def test_lines_that_skip_ftfy_are_those_it_leaves(name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip(f"no real text at {CORPUS} to compare on")
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"][:20_000] for line in islice(lines, 25)]
    same = {"uncurl_quotes": False, "fix_character_width": False, "fix_latin_ligatures": False}
    for text in texts:
        whole = ftfy.fix_text(text, unescape_html="<" not in text, **same)
        assert Clean().mended(text) == whole
