"""`kormo quality` and `kormo toxicity`: words into settings, and what is printed."""

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import lake
from kormo_ds.cli.app import app
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.run import run

DOCS = "positives=select doc_id from documents where source = 'docs' /* a: b, {c} # */"
CHAT = "negatives=select doc_id from documents where source = 'chat'"
SMALL = ("min_documents=5", "bucket=64", "dim=4", "lang=ko", "held_out=0.3")


@pytest.fixture
def kormo(tmp_path):
    lk = lake.create(tmp_path / "lake")
    n = 60
    lk.append(
        "documents",
        pa.table(
            {
                "doc_id": [f"{i:03}" for i in range(n)],
                "text": [f"{'설명 자료' if i % 2 else 'ㅋㅋ 헐'} {i}" for i in range(n)],
                "lang": ["ko"] * n,
                "source": ["chat", "docs"] * (n // 2),
            }
        ),
    )
    run(lk, [Clean()])

    def kormo(*words):
        return CliRunner().invoke(app, [*words, "--lake", lk.root], catch_exceptions=False).stdout

    return kormo


def test_train_show_and_list(kormo):
    assert kormo("quality", "list") == (
        "no quality model is there yet; train one with: kormo quality train NAME\n"
    )
    printed = kormo("quality", "train", "m", DOCS, CHAT, *SMALL, "lr=1.0", "epoch=20")
    lines = printed.splitlines()
    assert lines[0] == "quality model m is trained"
    assert lines[1].split()[:4] == ["documents", "asked", "unknown", "other"]
    assert lines[3].split()[:5] == ["positives", "30", "0", "0", "30"]
    assert ["roc_auc", "1.0000"] in [line.split() for line in lines]
    assert "percentiles of 60 ko documents: 10: " in printed
    assert "raise lr" not in printed
    again = kormo("quality", "train", "m", DOCS, CHAT, *SMALL, "lr=1.0", "epoch=20").splitlines()
    assert again[0] == "quality model m is there already"
    assert again[1:] == lines[1:] == kormo("quality", "show", "m").splitlines()
    listed = kormo("quality", "list").splitlines()
    assert listed[0].split()[:2] == ["model", "lang"] and listed[2].split()[:2] == ["m", "ko"]
    assert "no toxicity model is there yet" in kormo("toxicity", "list")


def test_a_model_that_learned_little_is_said_to_have(kormo):
    printed = kormo("toxicity", "train", "m", DOCS, CHAT, *SMALL, "epoch=1")
    assert "share toxic" in printed
    assert "teach little in 1 passes; raise lr (0.5) or epoch (25), under another name" in printed


def test_words_that_cannot_be_used(kormo):
    with pytest.raises(BadInput, match="one NAME is needed, not 2: kormo quality train NAME"):
        kormo("quality", "train", "a", "b", DOCS, CHAT, *SMALL)
    with pytest.raises(UnknownName, match="unknown setting 'epochs'; did you mean 'epoch'"):
        kormo("quality", "train", "m", DOCS, CHAT, *SMALL, "epochs=3")
    with pytest.raises(UnknownName, match="unknown quality model 'm'"):
        kormo("quality", "show", "m")
