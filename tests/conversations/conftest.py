"""A lake of conversations, ingested from rows written for these tests."""

import json

import pytest

import lake
from kormo_ds.ingest import Source, ingest


def said(*contents, reasoning=None, system=None):
    """A conversation of user and assistant in turn; the last answer has the reasoning."""
    turns = [{"role": "system", "content": system}] if system else []
    for i, content in enumerate(contents):
        turns.append({"role": ("user", "assistant")[i % 2], "content": content})
    return [*turns[:-1], {**turns[-1], "reasoning": reasoning}]


ROWS = {
    "ko-thinks": ("ko", said("사과 여섯 개를 둘이 나누면?", "세 개씩.", reasoning="6/2=3.")),
    "ko-system": (
        "ko",
        said("7은 소수야?", "네, 소수입니다.", reasoning="약수가 1과 7이다.", system="존댓말로."),
    ),
    "ko-plain": ("ko", said("바다는 무슨 색이야?", "파란색입니다.")),
    "ko-turns": ("ko", said("안녕?", "안녕하세요.", "2+2는?", "4입니다.", reasoning="2와 2.")),
    "en-thinks": ("en", said("Is 9 prime?", "No.", reasoning="3 times 3 is 9.")),
    "en-system": ("en", said("Name a bird.", "The wren.", reasoning="A wren.", system="Be brief.")),
    "en-plain": ("en", said("Name a colour.", "Blue.")),
    "en-us": ("en-US", said("Name a fruit.", "A fig.", reasoning="Fig.")),
    "en-switch": ("en", said("Name a tree. /no_think", "An oak.")),
    "fr": ("fr", said("Bonjour ?", "Bonjour.", reasoning="Salutation.")),
}


@pytest.fixture
def rows(tmp_path):
    """Write ROWS, or more of them, as a file of an ingest's form."""

    def write(given=ROWS):
        path = tmp_path / "chat.jsonl"
        lines = [
            json.dumps({"id": key, "lang": lang, "messages": messages, "tools": [{"name": "f"}]})
            for key, (lang, messages) in given.items()
        ]
        path.write_text("\n".join(lines))
        return path

    return write


@pytest.fixture
def filled(rows, tmp_path):
    """A lake of the given conversations, and one document that is none."""

    def make(name="lake", given=ROWS):
        lk = lake.create(tmp_path / name)
        chat = Source(
            path=str(rows(given)),
            source="chat",
            origin="synthetic",
            synthesizer="writer",
            license="MIT",
            conversations="openai",
            columns={"source_id": "id", "lang": "lang"},
        )
        (tmp_path / "page.md").write_text("글이다.")
        page = Source(path=str(tmp_path / "page.md"), source="page", origin="curated", lang="ko")
        ingest(lk, [chat, page])
        return lk

    return make


@pytest.fixture
def lk(filled):
    return filled()
