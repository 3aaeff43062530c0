import pytest
from typer.testing import CliRunner

from kormo_ds.cli.app import app


def said(words):
    done = CliRunner().invoke(app, ["eval", *words])
    return done.exit_code, done.output, type(done.exception), str(done.exception)


@pytest.mark.parametrize("words", [["no"], ["no", "length=64"], ["--lake", "here", "no"]])
def test_a_checkpoint_alone_is_evaluated_as_by_its_command(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    assert said(words) == said(["checkpoint", *words])
    assert "no such command" not in said(words)[1].lower()


def test_help_lists_the_commands():
    code, output, _, _ = said(["--help"])
    assert code == 0
    assert "checkpoint" in output
