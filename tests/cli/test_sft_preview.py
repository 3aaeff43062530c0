"""`kormo sft preview`: what is scored stands in brackets, is counted, and steers no terminal."""

import json

import pytest
from tokenizers import pre_tokenizers, trainers

import lake
from kormo_ds.cli.sft import preview
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.ingest import Source, ingest
from kormo_ds.mixture import run
from kormo_ds.tokenizer.train import add_special_tokens, blank
from lake import BadQuery

ROWS = [
    {
        "id": "1",
        "messages": [
            {"role": "user", "content": "며칠? <script>\u001b[2J"},
            {"role": "assistant", "content": "이틀.", "reasoning": "달력."},
        ],
    }
]
QUERY = """-- All.
-- One row per document.

select doc_id, 'a' as component, 1.0::double as repeats, doc_id as sort_key
from documents
"""
WRITTEN = (
    "<|BOS|><|BOT|>user\n며칠? <script>␛[2J<|EOT|>\n"
    "<|BOT|>assistant\n<think>\n⟦달력.\n</think>\n\n이틀.<|EOT|>⟧\n"
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    lk = lake.create(tmp_path / "lake")
    facts = {"lang": "ko", "source": "s", "origin": "curated", "conversations": "openai"}
    ingest(lk, [Source(path="a.jsonl", **facts)])
    made = blank()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        [], trainers.BpeTrainer(vocab_size=256, initial_alphabet=alphabet, show_progress=False)
    )
    add_special_tokens(made)
    lk.write_bytes(made.to_str().encode(), "tokenizers", "letters", "tokenizer.json")
    run(lk, lake.Query.parse(QUERY, "all"), {})
    return str(tmp_path / "lake")


@pytest.mark.parametrize("words", [["all"], ["all@1", "n=5"], ["where=source = 's'"], []])
def test_what_is_shown(root, words, capsys):
    preview(words, root)
    out = capsys.readouterr().out
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m"):  # ours
        out = out.replace(code, "")
    out = out.replace("\x1b[32m\x1b[1m", "")
    assert WRITTEN in out and "\x1b" not in out
    counts = [line.split() for line in out.splitlines()[-4:]]
    question, answer = len("user\n며칠? <script>\x1b[2J".encode()) + 3, len("달력.\n이틀.".encode())
    scored = answer + len("\n\n") + 2
    assert counts == [
        ["beginning", "1", "0", "1"],
        ["user", str(question), "0", str(question)],
        ["assistant", str(scored + 14), str(scored), "14"],
        ["all", str(1 + question + scored + 14), str(scored), str(1 + question + 14)],
    ]


def test_a_page_is_one_file_in_which_nothing_is_markup(root, tmp_path, capsys):
    preview(["rule=assistant"], root, html=tmp_path / "p.html")
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;␛[2J" in page and "<script" not in page and "\x1b" not in page
    assert "<mark>&lt;think&gt;\n달력.\n&lt;/think&gt;\n\n이틀.&lt;|EOT|&gt;</mark>" in page
    assert "http" not in page
    assert "wrote" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["all", "other"], BadInput, "one mixture at a time, not 2: all, other"),
        (["all", "where=true"], BadInput, "mixture all chooses already"),
        (["al"], UnknownName, "unknown recorded mixture 'al'"),
        (["n=0"], BadInput, "n=0 shows nothing; give 1 or more"),
        (["rule=korm"], UnknownName, "unknown rule 'korm'; did you mean 'kormo'"),
        (["tokenizer=letter"], UnknownName, "unknown tokenizer 'letter'"),
        (["where=source = 'none'"], BadInput, "no conversation is chosen"),
        (["where=sorce = 's'"], BadQuery, "sorce"),
    ],
)
def test_words_that_cannot_be(root, words, error, message):
    with pytest.raises(error, match=message):
        preview(words, root)
