"""A lake of three synthesizers that were asked the same seeds, and of one with seeds of its own."""

import random

import pyarrow as pa
import pytest

import lake

VOICES = {"a": 0, "b": 40, "c": 80}
"""Where each synthesizer's words begin: it knows 40 of its own."""
SEEDS = 12


def text(voice, seed, n=30):
    draw = random.Random(f"{voice}{seed}")
    first = VOICES.get(voice, 0)
    return " ".join(f"w{first + draw.randrange(40)}" for _ in range(n))


def rows():
    made = [
        {"doc_id": f"seed{i:02}", "text": "x", "lang": "ko", "source": f"pool{i % 2}"}
        for i in range(SEEDS)
    ]
    made += [
        {
            "doc_id": f"{voice}{i:02}",
            "text": text(voice, i),
            "lang": "ko",
            "origin": "synthetic",
            "source": "made",
            "synthesizer": voice,
            "prompt_style": "list" if i % 3 else "essay",
            "parent_id": f"seed{i:02}",
        }
        for voice in VOICES
        for i in range(SEEDS)
    ]
    made += [
        {"doc_id": f"d{i}", "text": text("d", i), "lang": "ko", "synthesizer": "d"}
        for i in range(10)
    ]
    made += [
        {"doc_id": "short", "text": "two words", "lang": "ko", "synthesizer": "e"},
        {"doc_id": "en1", "text": text("a", 99), "lang": "en", "synthesizer": "a"},
    ]
    return made


@pytest.fixture
def lk(tmp_path):
    made = lake.create(tmp_path / "lake")
    schema = made.schema("documents")
    made.append("documents", pa.Table.from_pylist(rows(), schema=schema))
    return made
