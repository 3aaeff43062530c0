"""`kormo evals`: what it prints, and mistakes."""

import pytest
from typer.testing import CliRunner

from kormo_ds.cli.evals import app
from kormo_ds.errors import BadInput, UnknownName

QUESTION = "When a train leaves at noon and is never late, when is it there?"


@pytest.fixture
def kormo(tmp_path):
    def ask(*words):
        done = CliRunner().invoke(app, [*words, "--lake", str(tmp_path)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return [line.rstrip() for line in done.output.splitlines()]

    return ask


def test_add_and_list(kormo, tmp_path):
    path = tmp_path / "trains.jsonl"
    path.write_text(
        f'{{"q": "{QUESTION}"}}\n{{"q": "Is it the fast train?"}}\n{{"q": "No?"}}\n{{}}\n'
    )
    kormo_add = ["add", "trains", str(path), "text=q", "lang=en"]
    rejected = [
        "evaluation set trains: 3 items of 4 rows",
        "  1 rejected: no_text",
        f"  no_text, e.g. {path}:4: column 'q' is missing; there are []",
    ]
    assert [line for line in kormo(*kormo_add) if "reading" not in line] == rejected
    assert kormo(*kormo_add)[-1] == "nothing new: the lake has the very same items already"
    assert kormo("list") == [
        "set     items  by n-gram  as a whole  too short  only common n-grams",
        "------  -----  ---------  ----------  ---------  -------------------",
        "trains      3          1           1          1                    0",
    ]
    path.write_text('{"q": "Is it the slow train then?"}\n')
    assert kormo(*kormo_add)[-1].startswith("replaced one of 3 items; columns of the step")


def test_no_set_yet(kormo, tmp_path):
    (tmp_path / "lake.json").exists() or kormo_create(tmp_path)
    assert kormo("list") == ["no evaluation set yet; add one with: kormo evals add NAME FILE"]


def kormo_create(root):
    import lake

    lake.create(root)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["add", "trains"], BadInput, "name the set and its files: kormo evals add NAME FILE"),
        (["add", "trains", "x.jsonl", "txt=q"], UnknownName, "'txt'; did you mean 'text'"),
        (["add", "tr:ains", "x.jsonl"], BadInput, "'tr:ains' cannot be an evaluation set's name"),
        (["add", "trains", "x.jsonl"], BadInput, "no file or folder x.jsonl"),
    ],
)
def test_mistakes_name_the_way_out(tmp_path, words, error, message):
    with pytest.raises(error, match=message):
        CliRunner().invoke(app, [*words, "--lake", str(tmp_path)], catch_exceptions=False)
