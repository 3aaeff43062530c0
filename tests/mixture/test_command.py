"""`kormo mixture`: what it prints."""

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from kormo_ds.cli.mixture import app
from kormo_ds.errors import BadInput, UnknownName


@pytest.fixture
def kormo(lk):
    def ask(*words: str) -> list[str]:
        done = CliRunner().invoke(app, [*words, "--lake", lk.root], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return [line.rstrip() for line in done.output.splitlines()]

    return ask


TREE = """\
                      documents  bytes  tokens  repeats  percent
                      ---------  -----  ------  -------  -------
demo@1                        5    180      82     2.25      100
├─ ko                         3    150      75      2.5    92.59
│  ├─ web · curated           2     90      45      2.5    55.56
│  └─ wiki · curated          1     60      30      2.5    37.04
└─ en                         2     30       7        1    7.407
   └─ web · curated           2     30       7        1    7.407""".splitlines()


def test_run_says_what_it_recorded_and_what_was_there_already(kormo):
    head = "demo@1: 5 documents, 180 bytes, 82 tokens of tok"
    assert kormo("run", "demo", "ko_repeats=2.5") == [f"recorded {head}", *TREE]
    assert kormo("run", "demo", "ko_repeats=2.5") == [f"already recorded as {head}", *TREE]


def test_list_and_show(kormo):
    assert kormo("list") == ["no mixture is recorded yet; record one with: kormo mixture run NAME"]
    kormo("run", "demo", "ko_repeats=2.5")
    (row,) = kormo("list")[2:]
    assert row.startswith("demo@1 ") and row.endswith(
        '{"ko_repeats": 2.5, "one_synthesizer": "", "seed": 42}'
    )
    shown = kormo("show", "demo")
    assert shown[1:9] == TREE
    assert shown[9:11] == [
        'parameters  {"ko_repeats": 2.5, "one_synthesizer": "", "seed": 42}',
        "documents   version 1, kept by tag mixture-demo-1",
    ]


def test_diff_and_verify(kormo):
    kormo("run", "demo")
    kormo("run", "demo", "ko_repeats=3")
    kormo("run", "demo", "seed=1")
    assert kormo("diff", "demo@1", "demo@2") == [
        "change   component  lang  documents  bytes  tokens  tokens drawn",
        "-------  ---------  ----  ---------  -----  ------  ------------",
        "repeats  ko         ko            3    150      75           150",
        "from demo@1 to demo@2; 2 documents are the same in both",
    ]
    assert kormo("diff", "demo@1", "demo@3") == [
        "demo@1 and demo@3 draw the same documents in another order"
    ]
    assert kormo("diff", "demo@1", "demo@1") == [
        "demo@1 and demo@1 are the same rows in the same order"
    ]
    assert kormo("verify", "demo@1")[0].startswith(
        "demo@1: asked again, the same 5 rows to the byte (sha256 3d73edb57973"
    )


def test_held_out_documents_among_others_are_said(kormo, lk):
    lk.append("documents", pa.table({"doc_id": ["ko3"], "text": ["x"]}))  # md5 begins with 02
    assert kormo("run", "smoke")[-1] == (
        "warning: 1 of the documents of smoke@1 are held out for evaluation; to leave them out, "
        "join document_split and ask for split = 'train'"
    )
    assert not any("warning" in line for line in kormo("run", "demo"))


def test_a_mixture_for_long_context_without_short_documents_is_warned_of(kormo):
    long = ["run", "midtrain_long", "tokenizer=tok", "long_tokens=25", "ko_share=1"]
    assert kormo(*long, "short_share=0")[-1] == (
        "warning: 0.00 % of midtrain_long@1 are short documents, less than 5 %: in KORMo's "
        "mid-training mathematics and code got worse without them; raise its short_share"
    )
    assert not any("warning" in line for line in kormo(*long, "short_share=0.25"))


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["run", "dmo"], UnknownName, "unknown mixture 'dmo'; did you mean 'demo'?"),
        (["run", "demo", "smoke"], BadInput, "name one mixture, not 2"),
        (["show", "demo"], UnknownName, "unknown recorded mixture 'demo'; known: none yet; record"),
    ],
)
def test_mistakes_name_the_way_out(lk, words, error, message):
    with pytest.raises(error, match=message.replace("?", r"\?")):
        CliRunner().invoke(app, [*words, "--lake", lk.root], catch_exceptions=False)
