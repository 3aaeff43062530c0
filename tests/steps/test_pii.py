"""`pii`: spans, counts and the reason on literal texts."""

import pyarrow as pa
import pytest

from kormo_ds.errors import BadConfig
from kormo_ds.steps.pii import Pii
from kormo_ds.steps.words import NAME, Words
from lake.spans import MASKED, final_texts


def rows(*texts, **settings):
    batch = pa.RecordBatch.from_pydict({"text_clean": pa.array(texts, pa.string())})
    words = Words()(batch).column(0)
    both = pa.RecordBatch.from_arrays([batch.column(0), words], names=["text_clean", NAME])
    return Pii(**settings)(both).to_pylist()


def counts(row):
    return {name.removeprefix("n_pii_"): n for name, n in row.items() if name[:6] == "n_pii_" and n}


def test_spans_are_bytes_of_the_text_and_counts_are_by_kind():
    first, second, third = rows("전화 010-2345-6789, 메일 a@firm.com", "", "b@firm.com c@firm.com")
    assert first["pii_spans"] == [
        {"start": 7, "end": 20, "kind": "PHONE"},
        {"start": 29, "end": 39, "kind": "EMAIL"},
    ]
    assert (first["pii_count"], counts(first)) == (2, {"phone": 1, "email": 1})
    assert (second["pii_spans"], second["pii_count"], counts(second)) == ([], 0, {})
    assert (third["pii_count"], counts(third)) == (2, {"email": 2})


def test_the_spans_are_what_is_masked_when_a_text_is_used():
    text = "전화 010-2345-6789, 메일 a@firm.com으로"
    spans = pa.array([rows(text)[0]["pii_spans"]], MASKED)
    masked = final_texts(pa.array([text]), spans)
    assert masked.to_pylist() == ["전화 [PHONE], 메일 [EMAIL]으로"]


@pytest.mark.parametrize(
    ("text", "settings", "reason"),
    [
        ("a@firm.com " * 4, {}, "kept"),  # too few spans, however short the text
        ("a@firm.com " * 5, {}, "much_pii"),
        ("a@firm.com " * 5 + "낱말 " * 235, {}, "kept"),  # 250 words; each address is three
        ("a@firm.com " * 5 + "낱말 " * 234, {}, "much_pii"),  # 249: 20.1 in 1,000
        ("a@firm.com " * 5, {"min_spans": 6}, "kept"),
        ("a@firm.com", {"min_spans": 1}, "much_pii"),
        ("a@firm.com " * 5, {"max_per_1000_words": 334}, "kept"),
        ("", {"min_spans": 1, "max_per_1000_words": 0}, "kept"),
        ("낱말", {"min_spans": 1, "max_per_1000_words": 0}, "kept"),
    ],
)
def test_reason(text, settings, reason):
    assert rows(text, **settings)[0]["pii_reason"] == reason


def test_settings_that_reject_everything():
    with pytest.raises(BadConfig, match="pii.min_spans=0 reject texts without personal data"):
        Pii(min_spans=0)
    with pytest.raises(BadConfig, match="pii.max_per_1000_words=-1"):
        Pii(max_per_1000_words=-1)


def test_other_settings_are_another_fingerprint():
    assert Pii(min_spans=6).fingerprint != Pii().fingerprint
