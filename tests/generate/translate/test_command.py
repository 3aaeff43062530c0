"""`kormo translate` as a user types it."""

import shlex
import sys

import pytest

import lake
from kormo_ds.cli.app import main
from tests.generate.translate.given import documents, key, made, says

ENDPOINTS = """
small:
  url: {url}
  model: m
  synthesizer: Model
  attempts: 1
  price_in: 1
"""


@pytest.fixture
def folder(tmp_path, faulty, lk):
    (tmp_path / "endpoints.yaml").write_text(ENDPOINTS.format(url=faulty.url))
    documents(lk, sea="The sea is blue.", hill="The hill is green.")
    return tmp_path


def kormo(run, folder, words):
    return run(["bash", "-c", f"kormo translate {words} --lake lake"], folder)


def test_the_whole_command(run, folder, faulty, lk):
    words = "to=ko endpoint=small where=\"source = 'web'\" back=1"
    tried = kormo(run, folder, f"{words} --dry-run")
    assert tried.returncode == 0, tried.stderr
    assert "2 documents in en" in tried.stdout and "money" in tried.stdout
    assert faulty.counts()["requests"] == 0 and not lake.open(lk.root).exists("generations")

    says(faulty, {"The sea": "바다는 파랗다.", "The hill": " ", "바다는": "The sea is blue."})
    done = kormo(run, folder, words)
    assert done.returncode == 0, done.stderr
    assert "1 documents added, 0 were there already, 1 rejected, 0 without" in done.stdout
    assert "empty_answer" in done.stdout
    assert "chrF of 1 translated back: 100.0 in the mean, 100.0 least" in done.stdout
    assert made(lk, "text", "synthesizer") == {key("sea"): ("바다는 파랗다.", "Model")}

    again = kormo(run, folder, words)
    assert "0 documents added, 1 were there already, 1 rejected" in again.stdout
    assert "0 translations to translate back" in again.stdout
    assert faulty.counts()["requests"] == 3


def test_an_endpoint_that_cannot_be_used_is_said_and_asked_no_further(run, folder, faulty, lk):
    faulty.faults({"fault": "401"})
    done = kormo(run, folder, "to=ko endpoint=small where=true back=1")
    assert done.returncode == 2 and "endpoint small" in done.stderr
    assert "2 without all answers yet" in done.stdout and "translate back" not in done.stdout
    assert made(lk) == {} and not lk.exists("rejects")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "say into which language: to=ko"),
        ("ko", "'ko' is no setting"),
        ("to=ko endpoint=small", "say which documents"),
        ("to=ko endpoint=smal where=true", "unknown endpoint 'smal'; did you mean 'small'?"),
        ("to=ko endpoint=small where=true back=1 back_endpoint=b", "unknown endpoint 'b'"),
        ("to=ko endpoint=small where=true --endpoints no.yaml", "cannot read endpoints no.yaml"),
        ("to=ko endpoint=small where=true pece=3", "unknown setting 'pece'; did you mean 'piece'?"),
        ("to=ko endpoint=small where=true sampling.temperature=3", "temperature=3.0 must be"),
        ("to=ko endpoint=small where=\"lang = 'fr'\"", "none of 0 documents is in lang=en"),
        ("to=ko endpoint=small where='(true'", "syntax error"),
        ("to=ko endpoint=small select=web_k", "did you mean 'web_ko'?"),
        ("to=fr endpoint=small where=true", "unknown prompt 'translate_ko_fr'"),
        ("to=ko lang=ko endpoint=small where=true", "are one language"),
    ],
)
def test_what_cannot_be_is_one_line_with_the_way_out(folder, monkeypatch, capsys, words, message):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["kormo", "translate", *shlex.split(words), "--lake=lake"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2 and message in said
    assert len(said.strip().splitlines()) == 1
