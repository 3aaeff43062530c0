"""`language` on short texts, with the shipped model."""

import shutil
import struct

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.steps.language import Language, shipped_model
from kormo_ds.steps.language_codes import short

KOREAN = "이 함수는 데이터를 읽어서 학습에 필요한 배치를 만든다."
ENGLISH = "This function reads the data and makes the batches that training needs."
CODE = "import numpy as np\ndef batches(data, size):\n    return np.array_split(data, size)\n" * 20


def row(text, lang=None, **settings):
    columns = {"text_clean": [text], "lang": pa.array([lang], pa.string())}
    (found,) = Language(**settings)(pa.RecordBatch.from_pydict(columns)).to_pylist()
    return found


@pytest.mark.parametrize(
    ("text", "declared", "detected", "reason"),
    [
        (KOREAN, "ko", "ko", "kept"),
        (KOREAN, None, "ko", "kept"),
        (KOREAN, "ko-KR", "ko", "kept"),
        (KOREAN, "kor", "ko", "kept"),
        (KOREAN, "en", "ko", "language_mismatch"),
        (ENGLISH, "en", "en", "kept"),
        (ENGLISH, "ko", "en", "language_mismatch"),
        (f"{KOREAN}\n{KOREAN}\n", "ko", "ko", "kept"),
        # English code in a Korean document
        (f"{KOREAN}\n\n```python\n{CODE}```\n{KOREAN}", "ko", "ko", "kept"),
        (f"{KOREAN}\n\n  ~~~~\n{CODE}  ~~~~\n{KOREAN}", "ko", "ko", "kept"),
        # nothing to go by
        ("", "ko", "und", "language_uncertain"),
        ("1234 !?", "en", "und", "language_uncertain"),
        ("\n\n", None, "und", "language_uncertain"),
    ],
)
def test_detected_and_reason(text, declared, detected, reason):
    found = row(text, declared)
    assert (found["lang_detected"], found["lang_reason"]) == (detected, reason)


def test_code_alone_is_judged_by_itself():
    assert row(f"```\n{CODE}```", "en") == row(f"```\n{CODE}```")
    assert row(f"```\n{CODE}```")["lang_detected"] == "en"


def test_fenced_code_does_not_count():
    with_code, without = row(f"{KOREAN}\n```\n{CODE}```\n"), row(f"{KOREAN}\n \n")
    assert with_code == without


@pytest.mark.parametrize(("min_score", "reason"), [(0.0, "kept"), (1.0, "language_uncertain")])
def test_min_score(min_score, reason):
    assert row(ENGLISH, "en", min_score=min_score)["lang_reason"] == reason


def test_the_bin_is_the_tenth_of_the_score():
    texts = [KOREAN, ENGLISH, "", "ok", "data", "het is", "une"]
    batch = pa.RecordBatch.from_pydict({"text_clean": texts, "lang": [None] * len(texts)})
    found = Language()(batch.cast(pa.schema([("text_clean", pa.string()), ("lang", pa.string())])))
    for each in found.to_pylist():
        assert 0 <= each["lang_score"] <= 1
        assert each["lang_bin"] == min(int(each["lang_score"] * 10), 9)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("__label__kor_Hang", "ko"),
        ("__label__eng_Latn", "en"),
        ("__label__cmn_Hani", "zh"),
        ("__label__arb_Arab", "ar"),
        ("__label__ko", "ko"),
        ("__label__ceb", "ceb"),
        ("__label__und_Hira", "und"),
        ("ko_KR.UTF-8", "ko"),
        ("EN-us", "en"),
    ],
)
def test_codes(label, code):
    assert short(label) == code


def test_the_model_makes_the_fingerprint_not_its_path(tmp_path):
    copy = tmp_path / "copy.ftz"
    shutil.copy(shipped_model(), copy)
    assert Language(model=str(copy)).fingerprint == Language().fingerprint
    assert Language(min_score=0.6).fingerprint != Language().fingerprint
    assert row(KOREAN, model=str(copy)) == row(KOREAN)


def test_another_model_is_used(tmp_path):
    path = tmp_path / "own.bin"
    path.write_bytes(model({"나": "__label__kor_Hang", "b": "__label__eng_Latn"}))
    assert row("나", "ko", model=str(path))["lang_detected"] == "ko"
    assert row("b", "ko", model=str(path))["lang_reason"] == "language_mismatch"
    assert row("?", "ko", model=str(path))["lang_reason"] == "language_uncertain"


def model(labels):
    """A fastText model file (format 12) in which each of two words stands for one label."""
    entries = [(word, 0) for word in labels] + [(label, 1) for label in labels.values()]
    n = len(labels)
    settings = dict(dim=n, ws=5, epoch=1, min_count=1, neg=5, ngrams=1, loss=3, kind=3)
    settings |= dict(bucket=0, minn=0, maxn=0, rate=100)
    matrix = np.eye(n, dtype=np.float32) * 5
    return b"".join(
        [
            struct.pack("<ii", 793712314, 12),
            struct.pack("<12id", *settings.values(), 1e-4),
            struct.pack("<iiiqq", 2 * n, n, n, 2 * n, -1),
            *(word.encode() + b"\0" + struct.pack("<qb", 1, kind) for word, kind in entries),
            struct.pack("<?qq", False, n, n) + matrix.tobytes(),
            struct.pack("<?qq", False, n, n) + matrix.tobytes(),
        ]
    )


def test_no_model_at_the_path():
    with pytest.raises(BadInput, match=r"no language model at /none.bin; .*language.model=PATH"):
        row(KOREAN, model="/none.bin")


def test_no_fasttext_model(tmp_path):
    (tmp_path / "x.bin").write_text("not a model")
    with pytest.raises(BadInput, match=r"x\.bin is no fastText model"):
        row(KOREAN, model=str(tmp_path / "x.bin"))


def test_no_probability():
    with pytest.raises(BadConfig, match="language.min_score=65.0 is no probability"):
        Language(min_score=65.0)
