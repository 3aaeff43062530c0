"""Fixtures: a small lake of seeds, and a plan over it in files of the test's own."""

import pyarrow as pa
import pytest

import lake

SEEDS = """\
-- Every document of people.
-- One row per document.
-- param seed  BIGINT = 1   order of documents
select
    doc_id,
    text,
    lang,
    source,
    kind as topic,
    md5(doc_id || $seed) as sort_key
from documents
where synthesizer is null
"""
PROMPT = """\
---
id: {id}
version: 1
language: {language}
style: {style}
purpose: a test
{more}---
{body}
"""


def prompt(folder, id, body, language="ko", style="글", more=""):
    """Write a prompt file."""
    path = folder / f"{id}.md"
    path.write_text(PROMPT.format(**locals()), encoding="utf-8")
    return path


@pytest.fixture
def seeds_of(tmp_path):
    """A lake with n documents 0000…, 0001…; the text of each says its number."""

    def make(n, name="lake", first=0):
        lk = lake.create(tmp_path / name)
        numbers = range(first, first + n)
        columns = {
            "doc_id": [f"{i:032x}" for i in numbers],
            "text": [f"{i}번째 글. 바다는 푸르다." for i in numbers],
            "lang": ["ko"] * n,
            "source": ["s"] * n,
            "kind": ["바다" if i % 2 else None for i in numbers],
        }
        lk.append("documents", pa.table(columns))
        return lk

    return make


@pytest.fixture
def plan_file(tmp_path):
    """A plan of two prompts and two synthesizers, with its own query and prompts."""
    folder = tmp_path / "own"
    folder.mkdir()
    prompt(folder, "more", "더 써 주세요.\n$seed")
    prompt(
        folder,
        "tell",
        "알려 주세요.\n$topic_line\n독자: $audience\n$seed",
        style="이야기",
        more='parameters:\n  audience: [어린이, 어른]\ntopic_line: "주제: $topic"\n',
    )
    (tmp_path / "seeds.sql").write_text(SEEDS, encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"""\
source: synth_mine
kind: rewrite
seeds: {{query: {tmp_path / "seeds.sql"}}}
prompts: {{more: 1, tell: 3}}
prompt_folder: {folder}
synthesizers: {{big: 0.75, small: 0.25}}
sampling: {{max_tokens: 64}}
""",
        encoding="utf-8",
    )
    return path
