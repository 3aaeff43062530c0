"""A lake of small documents in two languages, cleaned, with a recorded mixture of them."""

import random
from datetime import UTC, datetime

import pyarrow as pa
import pytest

import lake
from kormo_ds.steps.clean import Clean

KOREAN = [
    "바다는 파랗다.",
    "산길을 걷는다.",
    "아이들이 연을 날린다.",
    "비가 오고 있다.",
    "책을 읽는다.",
]
ENGLISH = [
    "The sea is blue.",
    "We walk uphill.",
    "Children fly kites.",
    "It is raining.",
    "I read.",
]


def documents(seed=0, n=40):
    """doc_id, lang and text of n documents in each of the two languages."""
    draw = random.Random(seed)
    return [
        (f"{lang}{number:03}", lang, " ".join(draw.choices(known, k=draw.randint(3, 9))))
        for lang, known in (("ko", KOREAN), ("en", ENGLISH))
        for number in range(n)
    ]


@pytest.fixture
def lk(tmp_path) -> lake.Lake:
    lk = lake.create(tmp_path / "lake")
    ids, langs, texts = zip(*documents(), strict=True)
    lk.append("documents", pa.table({"doc_id": ids, "lang": langs, "text": texts}))
    lk.fill("documents", [Clean()])
    selection = {
        "doc_id": ids,
        "component": ["all"] * len(ids),
        "repeats": [2.0] * len(ids),
        "sort_key": ids,
    }
    lk.write("mixtures/m@1", pa.table(selection))
    row = dict.fromkeys(lk.schema("mixtures").names) | {
        "mixture": "m",
        "version": 1,
        "documents_version": lk.version("documents"),
        "created_at": datetime.now(UTC),
        "n_documents": len(ids),
        "digest": "d",
    }
    lk.append("mixtures", pa.Table.from_pylist([row], schema=lk.schema("mixtures")))
    return lk
