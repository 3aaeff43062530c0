import math
from datetime import UTC, datetime

from kormo_ds.eval.bits_per_byte import Score
from kormo_ds.eval.documents import Document
from kormo_ds.eval.record import rows

AT = datetime(2026, 1, 2, tzinfo=UTC)


def score(lang, source, synthesizer, bits, n_bytes):
    document = Document(doc_id="d", text="", lang=lang, source=source, synthesizer=synthesizer)
    return Score(document, bits, n_bytes, n_tokens=1)


def test_rows_from_all_documents_down_to_a_synthesizer():
    found = rows(
        [
            score("ko", "web", None, 10.0, 4),
            score("ko", "web", "qwen", 6.0, 4),
            score("en", "wiki", None, 8.0, 8),
            score("ko", "blog", None, 0.0, 0),
        ],
        run="demo",
        checkpoint="init",
        task="held_out@1",
        at=AT,
    )
    keys = ("lang", "source", "synthesizer", "value", "n_documents", "n_bytes")
    assert [tuple(row[key] for key in keys) for row in found] == [
        (None, None, None, 24 / 16, 4, 16),
        ("en", None, None, 1.0, 1, 8),
        ("ko", None, None, 2.0, 3, 8),
        ("en", "wiki", None, 1.0, 1, 8),
        ("ko", "blog", None, None, 1, 0),
        ("ko", "web", None, 2.0, 2, 8),
        ("ko", "web", "qwen", 1.5, 1, 4),
    ]
    about = {(r["run"], r["checkpoint"], r["metric"], r["task"], r["created_at"]) for r in found}
    assert about == {("demo", "init", "bits_per_byte", "held_out@1", datetime(2026, 1, 2))}


def test_standard_error_of_a_ratio():
    """Two documents of 4 bytes, 1 and 3 bits a byte: deviations of -4 and 4 bits from the mean."""
    [total, *_] = rows(
        [score("ko", "a", None, 4.0, 4), score("ko", "a", None, 12.0, 4)],
        run="r",
        checkpoint="c",
        task="t",
    )
    assert total["value"] == 2.0
    assert total["stderr"] == math.sqrt(2 * (16 + 16)) / 8


def test_one_document_has_no_standard_error():
    [total, *_] = rows([score("ko", "a", None, 4.0, 4)], run="r", checkpoint="c", task="t")
    assert (total["value"], total["stderr"]) == (1.0, None)
