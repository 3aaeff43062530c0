"""The card of an exported model: what is recorded is in it, what is not is said to be missing."""

import json
import re
from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
import yaml
from markdown_it import MarkdownIt
from typer.testing import CliRunner

import lake
from kormo_ds.cli.export import app
from kormo_ds.eval.checkpoint import read
from kormo_ds.export import llama, markdown
from kormo_ds.sequences.schema import Pieces, batch
from kormo_ds.sequences.write import Writer
from lake import NoLake

SOURCE = "web|<script>alert(1)</script>`*x*`"
WRITER = "Qwen/[Q](http://evil)\n# 3_30B"
ESCAPED = "Qwen/\\[Q\\](http://evil) \\# 3\\_30B"
DAY = datetime(2026, 3, 1, 12, 30)
TOTALS = [
    # component, lang, source, origin, synthesizer, documents, bytes, tokens, drawn bytes, tokens
    ("ko", "ko", SOURCE, "crawled", None, 1200, 9000, 3000, 9000, 3000),
    ("ko", "ko", "own", "synthetic", WRITER, 10, 1000, 500, 3000, 1500),
    ("en", "en", "wiki", "curated", None, 7, 2000, 500, 2000, 500),
    ("en", "unknown language", "odd", None, None, 1, 4, 1, 4, 1),
]
EVALS = [
    # run, checkpoint, task, lang, source, value, stderr, created_at
    ("small", "step-000007", "held_out@1", None, None, 1.5, 0.25, DAY),
    ("small", "step-000007", "held_out@1", "ko", None, 9.9, 0.25, DAY.replace(day=1, hour=1)),
    ("small", "step-000007", "held_out@1", "ko", None, 1.75, None, DAY.replace(day=2)),
    ("small", "step-000009", "held_out@1", None, None, 0.1111, 0.1, DAY.replace(day=9)),
    ("other", "step-000007", "held_out@1", None, None, 0.2222, 0.1, DAY.replace(day=9)),
    ("small", "init", "held_out@1", None, None, 0.3333, 0.1, DAY.replace(day=9)),
]


@pytest.fixture
def lk(tmp_path):
    """A lake with the mixture web@1, its packed rows f00d, and what was measured."""
    lk = lake.create(tmp_path / "lake")
    put(lk, "documents", [{"doc_id": "d"}])
    mixture = {"mixture": "web", "version": 1, "sql_sha256": "5a1", "digest": "d16", "sql": "…"}
    mixture |= {"parameters": '{"name": "```\\n# not a heading"}', "created_at": DAY}
    put(lk, "mixtures", [mixture | {"n_documents": 1218, "n_tokens": 4001, "tokenizer": "t"}])
    names = ["component", "lang", "source", "origin", "synthesizer", "n_documents", "n_bytes"]
    names += ["n_tokens", "n_repeated_bytes", "n_repeated_tokens"]
    rows = [dict(zip(names, row, strict=True)) for row in TOTALS]
    put(lk, "mixture_totals", [{"mixture": "web", "version": 1} | row for row in rows])
    put(lk, "sequences", [{"name": "web", "mixture": "web@1", "fingerprint": "f00d"}])
    names = ["run", "checkpoint", "task", "lang", "source", "value", "stderr", "created_at"]
    rows = [dict(zip(names, row, strict=True)) for row in EVALS]
    put(lk, "evals", [{"metric": "bits_per_byte", "n_documents": 3} | row for row in rows])
    return lk


def put(lk, table, rows):
    missing = dict.fromkeys(lk.schema(table).names)
    lk.append(table, pa.Table.from_pylist([missing | row for row in rows], lk.schema(table)))


@pytest.fixture
def packed(tmp_path):
    """The packed rows of web@1: two of 16 tokens."""
    facts = {"command": "kormo pack web", "fingerprint": "f00d", "mixture": "web@1"}
    facts |= {"tokenizer": "t", "strategy": "concat"}
    writer = Writer(str(tmp_path / "sequences" / "web"), 16, facts)
    two, one = np.arange(2), pa.array(["d", "d"])
    pieces = Pieces(two, np.full(2, 16), one, 16 * two, one, one)
    writer.append([(batch(np.zeros((2, 16), np.int32), pieces), {})])
    writer.finish({"n_padding": 0})


def card(step, folder, lk=None):
    llama.export(step, folder, lk=lk)
    return (folder / "README.md").read_text(encoding="utf-8")


def section(text, title):
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0].strip()


def front_matter(text):
    return yaml.safe_load(text.split("---\n")[1])


def test_what_is_recorded_is_in_it(write, lk, packed, tmp_path):
    step = write()
    run = step.parent.parent
    (run / "summary.json").write_text(json.dumps({"run_id": "0a1b2c3d", "git_commit": "c0ffee"}))
    rates = [{"step": i, "tokens_per_s": rate} for i, rate in enumerate([1, 90, 100, 5000])]
    late = {"step": 7, "tokens_per_s": 9e9}
    (run / "metrics.jsonl").write_text("".join(json.dumps(r) + "\n" for r in [*rates, late]))
    bpb = [{"step": 3, "bpb": {"all": 7.0}}, {"step": 6, "bpb": {"all": 2.5, "lang=ko": 2.25}}]
    bpb[1]["n_bytes"] = {"all": 1000, "lang=ko": 900}
    bpb.append({"step": 8, "bpb": {"all": 1.0}})
    (run / "validation.jsonl").write_text("".join(json.dumps(line) + "\n" for line in bpb))
    text = card(step, tmp_path / "out", lk)

    assert front_matter(text) == {
        "language": ["en", "ko"],
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["kormo_ds", "llama"],
    }
    n = sum(value.numel() for value in read(step).model().parameters())
    assert f"| parameters | {n:,} |" in text
    assert "| layers, width, width of the feed-forward | 3, 48, 80 |" in text
    data = section(text, "Data")
    for line in (
        "| SHA-256 of its SQL | 5a1 |",
        f"| ko | ko | own | synthetic | {ESCAPED} | 10 | 500 | 1,500 | 30.0 % |",
        "| en | en | wiki | curated | – | 7 | 500 | 500 | 10.0 % |",
        f"| ko | {ESCAPED} | 25.0 % |",
        "| tokens of a row | 16 |",
        "This run read them 1.75 times.",
    ):
        assert line in data, data
    assert section(text, "Lineage").splitlines()[2:] == [
        "| small | step-000007 | 7 | 56 | web@1 | – |",
        "",
        "56 tokens in all, padding included.",
    ]
    training = section(text, "Training")
    for line in (
        "| steps | 7 of 9 |",
        "| ranks and ZeRO stage, last | 2, 3 |",
        "| hours of training | 0.0100 |",
        "| tokens a second, median | 95 |",
        "| commit of the code, at the end of the run | c0ffee |",
        "| hardware, versions of libraries | – |",
    ):
        assert line in training, training
    assert section(text, "Measured").splitlines() == [
        "Training loss, nats a token: 6.2500 in the first step of the run, 5.5000 in the last one "
        "of this checkpoint.",
        "",
        "Bits per byte of held-out rows (held\\_out), measured in training after 7 steps:",
        "",
        "| documents | bits per byte | bytes |",
        "| --- | ---: | ---: |",
        "| all | 2.5000 | 1,000 |",
        "| lang=ko | 2.2500 | 900 |",
        "",
        "Recorded in the lake for this run and checkpoint:",
        "",
        "| measured on | metric | language | source | synthesizer | value ± error | documents "
        "| on |",
        "| --- | --- | --- | --- | --- | --- | ---: | --- |",
        "| held\\_out@1 | bits\\_per\\_byte | all | all | – | 1.5000 ± 0.2500 | 3 | 2026-03-01 |",
        "| held\\_out@1 | bits\\_per\\_byte | ko | all | – | 1.7500 | 3 | 2026-03-02 |",
    ]
    assert "No validation" not in text and "No evaluation" not in text
    assert "- No task was evaluated" in section(text, "Not known")


def test_what_is_not_recorded_is_said_to_be_missing(write, tmp_path):
    step = write()
    other = {"run_id": "another", "git_commit": "c0ffee"}
    (step.parent.parent / "summary.json").write_text(json.dumps(other))
    text = card(step, tmp_path / "out")
    assert "language" not in front_matter(text) and "license" not in front_matter(text)
    assert "no lake was at hand when this was written" in section(text, "Data")
    assert "rows of the last mixture were not at hand" in section(text, "Data")
    assert "| commit of the code, at the end of the run | – |" in section(text, "Training")
    assert "| tokens of a row | – |" in section(text, "Training")
    assert section(text, "Not known").splitlines() == [
        "- No validation during training is recorded.",
        "- No evaluation of this checkpoint is recorded (no lake was at hand).",
        "- Nothing is recorded about the safety, bias or truth of what it writes.",
        "- No licence is stated here: none is recorded for the model.",
    ]


def test_another_lake_says_nothing(write, lk, packed, state, tmp_path):
    data = [{"from_step": 0, "mixture": "web@1", "sequences": "beef"}]
    text = card(write(replace(state, data=data, sequences="beef")), tmp_path / "out", lk)
    assert "the lake does not hold these sequences" in section(text, "Data")
    assert "wiki" not in text and "| rows |" not in text
    empty = card(write(name="new"), tmp_path / "out2", lake.create(tmp_path / "empty"))
    assert "the lake does not hold these sequences" in empty
    assert "No evaluation of this checkpoint is recorded in the lake." in empty


def test_the_lineage_and_all_its_mixtures(write, lk, state, tmp_path):
    def ancestor(run, tokens, fingerprint, **kept):
        return {
            "run": run,
            "checkpoint": f"/home/me/runs/{run}/checkpoints/step-000005",
            "steps": 5,
            "tokens": tokens,
            "data": [{"from_step": 0, "mixture": f"{run}@2", "sequences": fingerprint}],
            "handover": {"optimizer": "reset", "schedule": "reset"} | kept,
        }

    data = [*state.data, {"from_step": 4, "mixture": "late@1", "sequences": "1a7e"}]
    before = [ancestor("stage1", 1000, "f1", optimizer="keep"), ancestor("seed", 500, "f2")]
    text = card(write(replace(state, data=data, lineage=before)), tmp_path / "out", lk)
    assert "trained from another run's weights" in text and "/home/me" not in text
    assert section(text, "Lineage").splitlines()[2:] == [
        "| small | step-000007 | 7 | 56 | web@1, from step 4 late@1 | – |",
        "| stage1 | step-000005 | 5 | 1,000 | stage1@2 | weights, optimizer |",
        "| seed | step-000005 | 5 | 500 | seed@2 | weights |",
        "",
        "1,556 tokens in all, padding included.",
    ]
    assert re.findall("^### (.+)$", text, re.MULTILINE) == [
        "web@1", "late@1", "stage1@2", "seed@2", "Rows"
    ]  # fmt: skip


def test_no_name_is_markup(write, lk, packed, state, tmp_path):
    data = [{"from_step": 0, "mixture": SOURCE, "sequences": "f00d"}]
    text = card(write(replace(state, data=data), name="a*b*<i>_c_"), tmp_path / "out", lk)
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    seen = parser.parse(text.split("---\n", 2)[2])
    inline = [inner for token in seen for inner in token.children or ()]
    kinds = {token.type for token in [*seen, *inline]}
    assert {"table_open", "code_inline", "fence"} <= kinds
    assert not kinds & {"html_block", "html_inline", "em_open", "strong_open", "link_open"}
    assert [token.tag for token in seen if token.type == "heading_open"].count("h1") == 1
    words = ["".join(c.content for c in token.children or ()) for token in seen]
    for name in (SOURCE, " ".join(WRITER.split()), "a*b*<i>_c_"):
        assert name in words, "a cell or heading that reads as the name does"


def test_text_keeps_what_is_read():
    assert markdown.text("a\x1b[31m\u202e\nb") == "a \\[31m b"
    assert markdown.block("````") == "`````\n````\n`````"


def test_the_same_again_is_the_same_to_the_byte(write, lk, packed, tmp_path):
    step = write()
    assert card(step, tmp_path / "a", lk) == card(step, tmp_path / "b", lk)


def test_its_code_runs(write, tmp_path, monkeypatch, capsys):
    text = card(write(), tmp_path / "out")
    [code] = re.findall("```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path / "out")
    exec(code, {})
    assert "The library" in capsys.readouterr().out


def test_the_command_names_what_it_wrote_and_the_lake_it_lacks(write, lk, tmp_path, monkeypatch):
    step = write()
    monkeypatch.chdir(tmp_path / "small")
    monkeypatch.delenv("KORMO_LAKE", raising=False)

    def kormo(*words):
        done = CliRunner().invoke(app, [str(word) for word in words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.stdout

    bare = kormo(step, tmp_path / "bare", "dtype=fp32")
    assert bare.endswith("parameters in fp32; its card knows no lake: name one with --lake\n")
    assert kormo(step, tmp_path / "full", "--lake", lk.root).endswith("parameters in bf16\n")
    assert "wiki" in (tmp_path / "full" / "README.md").read_text()
    with pytest.raises(NoLake, match="no lake at"):
        kormo(step, tmp_path / "none", "--lake", tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "lake").rename(tmp_path / "data" / "lake")
    assert kormo(step, tmp_path / "default").endswith("parameters in bf16\n")
