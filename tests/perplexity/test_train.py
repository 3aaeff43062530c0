"""Models in a lake: trained, asked by the step, killed, damaged, refused."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from kormo_ds.cli.perplexity import app
from kormo_ds.errors import BadConfig, BadInput, Damaged, UnknownName
from kormo_ds.perplexity import Settings, train
from kormo_ds.steps.perplexity import Perplexity
from kormo_ds.steps.run import run
from kormo_ds.text import perplexity_model
from lake.errors import BadQuery

ALL = "select doc_id, lang, text_clean from documents"


def test_one_pass_of_a_mixture(lk):
    trained = train(lk, "m", Settings("m", min_count=1))
    facts = dict(trained.model.facts)
    assert facts.pop("created_at") and facts.pop("n_pieces")
    texts = lk.dataset("documents").to_table()["text_clean"].to_pylist()
    assert facts == {
        "mixture": "m@1",
        "digest": "d",
        "lang": "",
        "order": 5,
        "min_count": 1,
        "megabytes": 100.0,
        "n_documents": {"en": 40, "ko": 40},
        "n_bytes": sum(len(text.encode()) for text in texts),
    }
    assert {lang: len(edges) for lang, edges in trained.model.edges.items()} == {"en": 99, "ko": 99}


def test_a_query_gives_the_model_of_the_mixture_of_the_same_documents(lk):
    of_mixture = train(lk, "a", Settings("m", lang="ko")).model
    of_query = train(lk, "b", Settings(query=f"{ALL} where lang = 'ko'")).model
    for name in ("keys", "p", "left"):
        assert (getattr(of_mixture.ngrams, name) == getattr(of_query.ngrams, name)).all()
    assert list(of_mixture.edges) == list(of_query.edges) == ["ko"]
    assert of_query.facts["documents_version"] == lk.version()


def test_a_name_is_given_once(lk):
    first = train(lk, "m", Settings("m"))
    again = train(lk, "m", Settings("m@1"))
    assert (again.was_there, again.model.digest) == (True, first.model.digest)
    with pytest.raises(BadConfig, match=r"trained with other settings \(order=5\); choose another"):
        train(lk, "m", Settings("m", order=4))


def test_enough_is_enough(lk):
    model = train(lk, "m", Settings("m", megabytes=0.002)).model
    assert 2_000 <= model.facts["n_bytes"] < 2_200


@pytest.mark.parametrize(
    ("name", "settings", "error", "message"),
    [
        ("m", Settings(), BadConfig, "say on what, once: mixture=NAME@VERSION"),
        ("m", Settings("m", query=ALL), BadConfig, "say on what, once"),
        ("a-b", Settings("m"), BadInput, "'a-b' becomes part of a column's name"),
        ("m", Settings("m", order=9), BadConfig, "order=9 is out of bounds; give 1 to 8"),
        ("m", Settings("m", megabytes=0), BadConfig, "megabytes=0 leaves no text"),
        ("m", Settings("n"), UnknownName, "unknown recorded mixture 'n'"),
        ("m", Settings("m", lang="fr"), BadInput, "of fr in one language with text; there"),
        ("m", Settings(query="from rejects"), BadInput, "returns no doc_id and no lang and no"),
        ("m", Settings(query="select nothing"), BadQuery, "nothing"),
        ("m", Settings(query=f"{ALL} limit 9"), BadInput, "there are: 9 of ko"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused(lk, name, settings, error, message):
    with pytest.raises(error, match=message):
        train(lk, name, settings)
    assert perplexity_model.names(lk) == []


def test_a_killed_training_leaves_the_name_free(lk):
    script = f"""
import os, signal
import lake
from lake import files
from kormo_ds.perplexity import Settings, train

def dying(path, *given):
    os.kill(os.getpid(), signal.SIGKILL)

os.fsync = dying  # the file is written beside its place and not yet named
train(lake.open({lk.root!r}), "m", Settings("m"))
"""
    ran = subprocess.run([sys.executable, "-c", script], timeout=120)
    assert ran.returncode == -signal.SIGKILL
    assert len(os.listdir(Path(lk.path("perplexity", "m")))) == 1
    assert perplexity_model.names(lk) == []
    trained = train(lk, "m", Settings("m"))
    assert not trained.was_there
    assert perplexity_model.names(lk) == ["m"]


def test_the_step_writes_what_the_model_says(lk):
    model = train(lk, "m", Settings("m", lang="ko")).model
    strange = ["다있고 오가 날연이 을린다.", "xk qz", ""]
    lk.append("documents", pa.table({"doc_id": ["x", "y", "z"], "lang": ["ko"] * 3,
                                     "text": strange}))  # fmt: skip
    from kormo_ds.steps.clean import Clean

    filled = run(lk, [Clean(), Perplexity("m")])
    assert filled.rows == 83
    rows = {row["doc_id"]: row for row in lk.dataset("documents").to_table().to_pylist()}
    for row in rows.values():
        known = row["lang"] == "ko" and row["text"]
        assert (row["perplexity_m"] > 0) == (row["perplexity_bin_m"] >= 0) == bool(known)
    assert {rows[name]["perplexity_m_reason"] for name in ("x", "y")} == {"high_perplexity"}
    assert rows["z"]["perplexity_m_reason"] == rows["en001"]["perplexity_m_reason"] == "kept"
    (alone,) = perplexity_model.of_texts(model.ngrams, pa.array([rows["ko001"]["text_clean"]]))
    assert rows["ko001"]["perplexity_m"] == pytest.approx(alone, rel=1e-6)
    assert rows["ko001"]["perplexity_bin_m"] == model.bin("ko", alone)


def test_bins_are_percentiles_of_what_was_held_out(lk):
    model = train(lk, "m", Settings("m")).model
    edges = model.edges["en"]
    assert model.bin("en", edges[[0, 49, 98]] - 1e-9).tolist() == [0, 49, 98]
    assert model.bin("en", edges[98] + 1) == 99


def test_thresholds_are_settings(lk):
    train(lk, "m", Settings("m"))
    path = lk.path("perplexity", "m")
    strict = Perplexity(path, max_bin=50, min_bin=49)
    run(lk, [strict])
    found = lk.dataset("documents").to_table().to_pylist()
    for row in found:
        expected = "kept" if row["perplexity_bin_m"] in (49, 50) else None
        expected = expected or ("high" if row["perplexity_bin_m"] > 50 else "low") + "_perplexity"
        assert row["perplexity_m_reason"] == expected
    assert strict.fingerprint != Perplexity(path).fingerprint
    with pytest.raises(BadConfig, match="perplexity.min_bin=3 and perplexity.max_bin=2 are no"):
        Perplexity(path, min_bin=3, max_bin=2)


def test_models_that_cannot_be_asked(lk, tmp_path):
    with pytest.raises(BadConfig, match="perplexity needs a model: perplexity.model=NAME or =PATH"):
        Perplexity().at(lk)
    with pytest.raises(UnknownName, match="unknown perplexity model 'm'; known: none yet; train"):
        Perplexity("m").at(lk)
    with pytest.raises(UnknownName, match="unknown perplexity model '/none/here'"):
        Perplexity("/none/here").at(lk)
    train(lk, "m", Settings("m"))
    file = Path(lk.path("perplexity", "m", perplexity_model.FILE))
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(Damaged, match="perplexity model 'm' was cut off or changed"):
        Perplexity("m").at(lk)


def test_the_command(lk):
    words = ["train", "m", "mixture=m", "lang=ko", "--lake", lk.root]
    printed = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert printed.startswith("perplexity model m is trained: ")
    assert "from 40 ko documents" in printed and "\nko: perplexity " in printed
    again = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert again == printed.replace("is trained", "is there already")
    listed = CliRunner().invoke(app, ["list", "--lake", lk.root], catch_exceptions=False).stdout
    assert listed.splitlines()[-1].split() == ["m", "ko", "m@1", "5"]
