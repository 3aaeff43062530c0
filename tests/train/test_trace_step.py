"""From a planted spike to its source: a lake, its rows, a run on two ranks, and `kormo trace`.

128 documents of 30 bytes fill a row each. Those in the eight rows of step 13 are noise, from one
source and synthesizer; two of it stand elsewhere. All others repeat one sentence.
"""

import json
import shutil
from dataclasses import asdict, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

import lake
from kormo_ds import mixture, sequences
from kormo_ds.cli.trace import trace
from kormo_ds.compose import load_run
from kormo_ds.dashboard import spike
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.pack import Settings, pack
from kormo_ds.run_record import manifest
from kormo_ds.run_record.reading import Reading
from kormo_ds.run_record.state import FILE, State
from kormo_ds.sequences import Order
from kormo_ds.text import tokens
from kormo_ds.trace.trained import InCheckpoint, InMixture, InRow, InStep, Trained, trained_on
from kormo_ds.train import batches, data

N, BAD = 128, 13
SQL = """-- All planted documents, in the order of their number.
-- One row per document.
-- param one_synthesizer VARCHAR = 'model-x'  who wrote what is noise, and may be alone
select doc_id, lang as component, 1.0::double as repeats, source_id as sort_key from documents
where synthesizer is null or synthesizer = $one_synthesizer
"""


class Copy:
    """The step that writes `text_clean`: the text as it is; and a reason for one document."""

    name, version, fingerprint, ordered = "clean", 1, "copy", False
    reads = ("text", "source_id")
    writes = (
        lake.Column("text_clean", pa.string(), "the text"),
        lake.Column("length_reason", pa.string(), "kept or short"),
    )

    def __call__(self, batch):
        first = pc.equal(batch.column("source_id"), f"{rows_of(BAD)[0]:04d}")
        reasons = pc.if_else(first, "short", "kept")
        names = [column.name for column in self.writes]
        return pa.RecordBatch.from_arrays([batch.column("text"), reasons], names)


def rows_of(step):
    return Order(N, 42).rows(8 * step, 8).tolist()


def byte_tokenizer():
    alphabet = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(token, special=True) for token in tokens.SPECIAL_TOKENS])
    return tokenizer.to_str().encode()


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    random = np.random.default_rng(5)
    noise = {*rows_of(BAD), rows_of(2)[0], rows_of(15)[3]}
    letters = [bytes(random.integers(33, 127, 30).tolist()).decode() for _ in range(N)]
    bad = [i in noise for i in range(N)]
    documents = {
        "doc_id": [f"d{i:04d}" for i in range(N)],
        "source_id": [f"{i:04d}" for i in range(N)],
        "text": [letters[i] if bad[i] else "the same sentence, every time." for i in range(N)],
        "lang": ["ko" if i % 2 else "en" for i in range(N)],
        "source": ["broken" if bad[i] else f"web{i % 3}" for i in range(N)],
        "synthesizer": ["model-x" if bad[i] else None for i in range(N)],
    }
    lk = lake.create(folder / "lake")
    lk.append("documents", pa.table(documents))
    lk.fill("documents", [Copy()])
    lk.write_bytes(byte_tokenizer(), "tokenizers", "bytes", "tokenizer.json")
    (folder / "planted.sql").write_text(SQL)
    mixture.run(lk, lake.Query.read(folder / "planted.sql"), {})
    pack(lk, "planted", Settings(tokenizer="bytes", length=32, name="p", groups=True))
    return lk


@pytest.fixture(scope="module")
def traced(job, planted):
    words = (
        f"data.sequences={planted.path('sequences', 'p')}",
        "model.vocab_size=384",
        "train.steps=16",
        "optim.lr=0.03",
        "guard.window=5",
        "guard.history=5",
        "guard.skip=both",
        f"data.skip_rows=[{rows_of(15)[3]}]",
    )
    codes, errors, output = job.run(job.case("spiking", 3, *words))
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    return job.folder / "spiking"


def shown(capsys, lk, run, step, *words):
    trace(list(words), lk.root, str(run), step)
    return capsys.readouterr().out.splitlines()


def test_the_source_and_synthesizer_of_a_spike_are_named(traced, planted, capsys):
    lines = shown(capsys, planted, traced, BAD)
    assert lines[0] == f"step {BAD} of {traced}: 8 rows of p, packed from mixture planted@1"
    assert lines[1].startswith("a spike, not applied: loss ")
    assert lines[2].split()[:3] == ["row", "loss", "tokens"]
    rows = [line.split() for line in lines[4:12]]
    assert sorted(int(row[0]) for row in rows) == sorted(rows_of(BAD))
    losses = [float(row[1]) for row in rows]
    assert losses == sorted(losses, reverse=True)
    assert [row[3] for row in rows] == [f"d{int(row[0]):04d}" for row in rows]
    assert all({"broken", "model-x"} <= set(row) for row in rows)
    reasons = [row[-1] for row in rows if row[-1].startswith("length_reason=")]
    assert reasons == ["length_reason=short"]
    [source] = [line.split() for line in lines if line.startswith("source ")]
    assert source[:5] == ["source", "broken", "8", "100", "7.812"] and source[-1] == "yes"
    assert lines[-1] == "over-represented: source 'broken', synthesizer 'model-x'"


def test_a_step_like_any_other_names_nobody(traced, planted, capsys):
    lines = shown(capsys, planted, traced, 2, "columns=source", "documents=3")
    assert not any(line.startswith("a spike") for line in lines)
    assert "5 more pieces; documents=0 shows all" in lines
    assert lines[-1] == "over-represented: nothing beyond chance"
    [broken] = [line.split() for line in lines if "broken" in line and line.startswith("source")]
    assert broken[2:4] == ["1", "12.5"] and broken[-1] != "yes"


def test_skipped_rows_are_marked(traced, planted, capsys):
    lines = shown(capsys, planted, traced, 15)
    marked = [line.split()[0] for line in lines if " skipped " in line]
    assert marked == [str(rows_of(15)[3])]


def test_a_spike_is_shown_as_tables(traced, planted):
    found = spike.documents(planted, traced, BAD)
    shown = found.table.to_pylist()
    assert sorted(row["row"] for row in shown) == sorted(rows_of(BAD))
    assert [row["row_loss"] for row in shown] == sorted(
        (r["row_loss"] for r in shown), reverse=True
    )
    assert {(row["source"], row["synthesizer"]) for row in shown} == {("broken", "model-x")}
    assert [row["reasons"] for row in shown if row["reasons"]] == ['{"length_reason": "short"}']
    groups = spike.groups(planted, found).to_pylist()
    over = [(row["of"], row["name"], row["n_pieces"]) for row in groups if row["is_over"]]
    assert over == [("source", "broken", 8), ("synthesizer", "model-x", 8)]
    quiet = spike.documents(planted, traced, 2)
    assert quiet.step.spike is None and set(quiet.table["row_loss"].to_pylist()) == {None}


def test_sequences_named_from_another_folder_are_found_in_the_lake(traced, planted, tmp_path):
    moved = tmp_path / "moved"
    (moved / "checkpoints").mkdir(parents=True)
    text = (traced / "run.yaml").read_text()
    assert planted.path("sequences", "p") in text
    (moved / "run.yaml").write_text(text.replace(planted.path("sequences"), "data/lake/sequences"))
    assert sorted(spike.documents(planted, moved, 2).step.rows) == sorted(rows_of(2))
    (moved / "run.yaml").write_text(text.replace(planted.path("sequences", "p"), "data/lake/gone"))
    with pytest.raises(UnknownName, match="gone"):
        spike.documents(planted, moved, 2)


def test_a_document_is_followed_to_its_steps_and_checkpoints(traced, planted, tmp_path):
    row = rows_of(BAD)[0]
    after = tmp_path / "after"  # a run that began from the checkpoint, of which its state tells
    shutil.copytree(traced, after, ignore=shutil.ignore_patterns("weights", "exp_avg*", "rng"))
    state = State.read(manifest.complete(traced / "checkpoints")[-1])
    *older, folder = manifest.complete(after / "checkpoints")
    for one in older:
        shutil.rmtree(one)
    link = {"run": "spiking", "run_id": state.run_id, "steps": 16}
    begun = replace(state, run_id="after", data=[], sequences="others", lineage=[link])
    (folder / FILE).write_text(json.dumps(asdict(begun)))
    (tmp_path / "broken").mkdir()
    runs = {"after": after, "broken": tmp_path / "broken", "spiking": traced}
    found = trained_on(planted, f"d{row:04d}", runs)
    assert found.mixtures == [InMixture("planted@1", "ko" if row % 2 else "en", 1.0)]
    assert found.rows == [InRow("p", "planted@1", row, 0, 32, 0)]
    assert found.steps == [InStep("spiking", "p", row, BAD, 0, False)]
    since = [
        one for one in manifest.complete(traced / "checkpoints") if manifest.step_of(one) > BAD
    ]
    assert found.checkpoints == [
        InCheckpoint("after", "step-000016", str(folder), "spiking", BAD),
        *(InCheckpoint("spiking", one.name, str(one), "spiking", BAD) for one in since),
    ]
    assert since and len(since) < len(manifest.complete(traced / "checkpoints"))
    assert len(found.unknown) == 1 and "broken is not a run's folder" in found.unknown[0]


def test_a_skipped_row_and_an_unknown_document_were_not_trained_on(traced, planted):
    runs = {"spiking": traced}
    skipped = trained_on(planted, f"d{rows_of(15)[3]:04d}", runs)
    assert [(one.step, one.is_skipped) for one in skipped.steps] == [(15, True)]
    assert skipped.checkpoints == []
    assert trained_on(planted, "nobody", runs) == Trained()


@pytest.mark.parametrize(
    ("words", "run", "step", "message"),
    [
        ([], "RUN", 16, "there is no step 16; steps go from 0 to 15"),
        ([], "RUN", -1, "there is no step -1"),
        ([], "RUN", None, "a step is named by both: kormo trace --run"),
        ([], None, 3, "a step is named by both"),
        (["p", "0"], "RUN", 3, "a step is named by both"),
        ([], "nowhere", 3, "nowhere is not a run's folder; name one, e.g. --run data/runs/demo"),
    ],
)
def test_what_is_no_step_is_refused(traced, planted, words, run, step, message):
    with pytest.raises(BadInput, match=message):
        trace(words, planted.root, str(traced) if run == "RUN" else run, step)


def test_steps_that_grow_are_traced_where_they_read(job):
    """The rows of a step are those that a reader takes, also while a batch warms up."""
    warmup = "train.batch_warmup=[[0,0.25],[0.5,1]]"
    run = load_run("smoke", job.case("grown", 0, warmup, "train.micro_batch_rows=1")["words"])
    table = sequences.open(run.data.sequences)
    for step in range(run.train.steps):
        readers = [
            data.Reader(table, run.seed, batches.plan(run.train, table.length, 2), rank)
            for rank in (0, 1)
        ]
        taken = [row for reader in readers for row in reader.rows(step).ravel().tolist()]
        assert sorted(Reading.of(run, None, table).rows(step)) == sorted(taken)
