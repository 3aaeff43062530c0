"""`kormo diversity`: what it prints."""

import pytest
from typer.testing import CliRunner

from kormo_ds.cli.app import app
from kormo_ds.errors import BadInput, UnknownName

SMALL = ["words=200", "excerpt=20", "mixed=3", "draws=4"]


@pytest.fixture
def kormo(lk):
    def ask(*words: str) -> list[str]:
        command = ["diversity", *words, "--lake", lk.root]
        done = CliRunner().invoke(app, command, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return [line.rstrip() for line in done.stdout.splitlines()]

    return ask


def test_groups_then_what_is_left_out_then_mixtures(kormo, lk):
    said = kormo(*SMALL)
    assert said[0] == (
        "5 groups by synthesizer in lang=ko; samples of 10 documents, the first 20 words of each"
    )
    assert said[1].split() == (
        [
            "synthesizer",
            "distinct",
            "1",
            "2",
            "3",
            "4",
            "compression",
            "self-BLEU",
            "Heaps",
            "near",
            "dup.",
            "across",
        ]
    )
    assert [line.split()[0] for line in said[3:7]] == ["a", "b", "c", "d"]
    assert said[7:11] == [
        "1 groups are too small and not measured:",
        "synthesizer  documents  long enough  too short  more of a seed",
        "-----------  ---------  -----------  ---------  --------------",
        "e                    1            0          1               0",
    ]
    assert said[11] == "12 documents have no synthesizer"
    assert said[12].startswith("4 mixtures of 3 in equal amounts, beside the same groups alone; ")
    assert said[13].split() == ["measure", "alone", "mixed", "draws", "more", "diverse", "less"]
    assert [line.split()[0] for line in said[15:]] == [
        "distinct_1", "distinct_2", "distinct_3", "distinct_4",
        "compression_ratio", "self_bleu", "heaps_exponent", "near_duplicates",
    ]  # fmt: skip
    assert said[15].split()[-2:] == ["4", "0"]
    assert lk.dataset("diversity").count_rows() > 0


def test_without_a_second_group_there_is_no_mixture(kormo):
    assert kormo(*SMALL, "where=synthesizer = 'a'")[-1] == (
        "no mixture: that needs two groups that are large enough"
    )
    assert not any("mixture" in line for line in kormo(*SMALL, "mixed=0"))


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["ko"], BadInput, "'ko' is no setting; write it as name=value"),
        (["sed=1"], UnknownName, "unknown setting 'sed'; did you mean 'seed'?"),
    ],
)
def test_mistakes_name_the_way_out(lk, words, error, message):
    with pytest.raises(error, match=message.replace("?", r"\?")):
        CliRunner().invoke(app, ["diversity", *words, "--lake", lk.root], catch_exceptions=False)
