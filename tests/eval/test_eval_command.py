"""`kormo eval` and `kormo generate`, on a real lake and a checkpoint of a model without skill."""

import hashlib
import re
import shutil

import pyarrow as pa
import pytest
import torch

import lake
from kormo_ds.cli.eval import evaluate, generate
from kormo_ds.errors import BadInput, UnknownName
from tests.eval.kept import Kept

torch.set_num_threads(1)


def ids(split, n):
    """The first n of d0, d1, … that `document_split` puts there."""
    names = (f"d{i}" for i in range(10_000))
    held = [d for d in names if (hashlib.md5(d.encode()).hexdigest() < "05") == (split == "held")]
    return held[:n]


@pytest.fixture
def lk(tmp_path):
    """Three held-out documents, two Korean of 6 bytes and one English of 5; one for training."""
    lk = lake.create(str(tmp_path / "lake"))
    held = ids("held", 3)
    rows = [
        {"doc_id": held[0], "text": "바다", "lang": "ko", "source": "web"},
        {"doc_id": held[1], "text": "등대", "lang": "ko", "source": "web", "synthesizer": "qwen"},
        {"doc_id": held[2], "text": "light", "lang": "en", "source": "wiki"},
        {"doc_id": ids("train", 1)[0], "text": "never seen", "lang": "en", "source": "wiki"},
    ]
    lk.append("documents", pa.Table.from_pylist(rows, lk.schema("documents")))
    lk.fill("documents", [Kept()])
    return lk


def test_held_out_documents_are_recorded_and_their_numbers_written(lk, run_folder, capsys):
    evaluate([str(run_folder)], lake=lk.root)
    evaluate([str(run_folder), "weights=init"], lake=lk.root)
    printed = capsys.readouterr().out
    assert "bits per byte of held_out@1, run demo, step-000010" in printed
    assert "bits per byte of held_out@1, run demo, init" in printed

    evals = lk.sql("from evals order by checkpoint, lang, source, synthesizer").to_arrow_table()
    about = ["checkpoint", "task", "lang", "source", "synthesizer", "n_documents", "n_bytes"]
    wanted = [
        ("held_out@1", "en", "wiki", None, 1, 5),
        ("held_out@1", "en", None, None, 1, 5),
        ("held_out@1", "ko", "web", "qwen", 1, 6),
        ("held_out@1", "ko", "web", None, 2, 12),
        ("held_out@1", "ko", None, None, 2, 12),
        ("held_out@1", None, None, None, 3, 17),
    ]
    found = [tuple(row[column] for column in about) for row in evals.to_pylist()]
    assert found == [(name, *row) for name in ("init", "step-000010") for row in wanted]
    before, after = evals["value"].to_pylist()[:6], evals["value"].to_pylist()[6:]
    assert all(value > 5 for value in before + after)
    assert before != after


def test_a_recorded_mixture_can_be_named(lk, run_folder, capsys):
    evaluate([str(run_folder)], lake=lk.root)
    evaluate([str(run_folder), "mixture=held_out@1", "length=3"], lake=lk.root)
    assert capsys.readouterr().out.count("held_out@1") == 2
    with pytest.raises(UnknownName, match="unknown recorded mixture 'held_out@2'; .*held_out@1"):
        evaluate([str(run_folder), "mixture=held_out@2"], lake=lk.root)


def test_the_window_is_the_row_of_training_unless_it_is_given(lk, run_folder):
    shutil.rmtree(run_folder.parents[1] / "sequences")
    with pytest.raises(BadInput, match="unknown sequences 'demo'; .*length=4096"):
        evaluate([str(run_folder)], lake=lk.root)
    evaluate([str(run_folder), "length=32"], lake=lk.root)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ([], BadInput, "name one checkpoint"),
        (["mixtur=a"], UnknownName, "unknown setting 'mixtur'; did you mean 'mixture'"),
        (["weights=last"], UnknownName, "unknown weights 'last'; .*init, trained"),
    ],
)
def test_words_that_are_not_understood(lk, run_folder, words, error, message):
    places = [] if error is BadInput else [str(run_folder)]
    with pytest.raises(error, match=message):
        evaluate(places + words, lake=lk.root)
    assert not lk.exists("evals")


def test_generate_prints_the_prompt_and_what_follows(run_folder, capsys):
    words = ["max_tokens=20", "temperature=1", "seed=3"]
    generate(str(run_folder), "바다는 ", words)
    first = capsys.readouterr().out
    generate(str(run_folder), "바다는 ", words)
    assert capsys.readouterr().out == first
    assert re.fullmatch(r"바다는 .+\n", first, re.DOTALL)
    with pytest.raises(BadInput, match="'아침마다' is not a setting"):
        generate(str(run_folder), "바다는", ["아침마다"])
