"""What is missing, and that the command for it exists."""

import re
from pathlib import Path

import lance
import pyarrow as pa
import pytest
import typer.main

import lake
from kormo_ds.cli.app import app
from kormo_ds.dashboard import missing, run_tables
from kormo_ds.steps import STEPS
from lake.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
TRAIN = "train NAME lang=ko positives='select …' negatives='select …'"


@pytest.fixture
def raw(tmp_path, documents):
    """A lake on which no step ran."""
    lk = lake.create(tmp_path / "raw")
    lk.append("documents", documents("a"))
    return lk


def exists(command: str) -> None:
    """The command line has that command, and those of steps the step."""
    _, *words = command.split()
    found = typer.main.get_command(app)
    while getattr(found, "commands", None):
        found = found.commands[words.pop(0)]
    for step in re.findall(r"step run ([\w ]+?)(?: \w+\.|$)", command):
        assert set(step.split()) <= set(STEPS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select n_bytes from documents", "n_bytes yet: kormo step run clean length"),
        ("select d.n_bytes from documents d", "n_bytes yet: kormo step run clean length"),
        ("select lang_detected from documents", "lang_detected yet: kormo step run clean language"),
        ("select url_reason from documents", "url_reason yet: kormo step run url"),
        ("select text_clean from documents", "text_clean yet: kormo step run clean"),
        ("select n_insults from documents", "n_insults yet: kormo step run clean lexicon"),
        ("from kept_documents", "length_reason yet: kormo step run clean length"),
        ("from contaminated_documents", "contamination_reason yet: kormo step run clean contam"),
        ("from document_tokens", "n_tokens_NAME yet: kormo step run clean n_tokens n_tokens.tok"),
        (
            "select columns('^counted_.') from document_groups",
            "n_tokens_NAME yet: kormo step run clean n_tokens n_tokens.tokenizer=NAME",
        ),
        (
            "select columns('._reason$') from document_groups",
            "no step has judged documents yet: kormo step run clean length language",
        ),
        ("from document_reasons", "no step has judged documents yet: kormo step run clean length"),
        ("select n_tokens_demo from documents", "n_tokens n_tokens.tokenizer=demo"),
        ("select perplexity_web_bin from documents", "perplexity perplexity.model=web"),
        ("select exact_reason from documents", "exact_reason yet: kormo dedup exact"),
        ("select minhash_cluster from documents", "minhash_cluster yet: kormo dedup minhash"),
        ("select dup_spans from documents", "dup_spans yet: kormo dedup bff"),
        ("select bff_reason from documents", "bff_reason yet: kormo dedup bff"),
        ("select quality_bin from documents", f"quality_bin yet: kormo quality {TRAIN}"),
        ("select toxicity from documents", f"toxicity yet: kormo toxicity {TRAIN}"),
        ("select columns('^quality') from documents", "quality yet: kormo quality train"),
        ("unpivot documents on n_bytes into name a value b", "n_bytes yet: kormo step run clean"),
        ("select struct_extract(documents, 'n_bytes') from documents", "n_bytes yet: kormo step"),
        ('from mixtures."demo@1"', "demo@1 is not recorded: kormo mixture run demo"),
        (
            'from sequences."demo"',
            "demo is not packed: kormo pack MIXTURE tokenizer=NAME name=demo",
        ),
        ('from quality."v1"', "v1 is not trained: kormo quality train v1"),
        ("from run_steps", "no run has written run_steps yet: kormo train RUN"),
    ],
)
def test_the_command_that_makes_what_is_missing(raw, text, said):
    with pytest.raises(lake.BadQuery) as caught:
        raw.sql(text)
    told = missing.explain(caught.value, raw)
    assert said in told
    exists(told.split(": ", 1)[1])


@pytest.mark.parametrize("text", ["select txet from documents", "selec 1", "from documetns"])
def test_nothing_is_said_where_nothing_is_missing(raw, text):
    with pytest.raises(lake.BadQuery) as caught:
        raw.sql(text)
    assert missing.explain(caught.value, raw) is None


def test_a_column_that_is_there_is_not_missing(lk):
    error = lake.BadQuery('Binder Error: Referenced column "n_bytes" not found in FROM clause!')
    assert missing.explain(error, lk) is None


def test_a_model_of_the_lake_is_named(raw):
    raw.write_bytes(b"{}", "quality", "v1", "card.json")
    command = missing.command_of("quality_bin", raw)
    assert command == "kormo step run clean quality quality.models=v1"
    command = missing.command_of("quality_v2_reason", raw)
    assert command == "kormo step run clean quality quality.models=v1 quality.label=v2"
    assert missing.command_of("quality_bin_v1", raw).endswith("quality.models=v1 quality.label=v1")


def test_every_column_of_every_step_has_a_command(raw):
    for step in STEPS.values():
        for column in step.columns:
            name = column.name.replace("<model>", "web").replace("<tokenizer>", "demo")
            exists(missing.command_of(name, raw))


def test_tables_without_rows(tmp_path, documents):
    lk = lake.create(tmp_path / "empty")
    text = "select * from kept_documents"
    assert missing.empty(lk, text) == "documents has no rows yet: kormo ingest PATH lang=ko"
    with pytest.raises(lake.BadQuery) as caught:
        lk.sql(text)
    assert missing.explain(caught.value, lk) == missing.empty(lk, text)
    lance.write_dataset(TABLES["documents"].schema.empty_table(), lk.uri("documents"))
    assert missing.empty(lk, text) == "documents has no rows yet: kormo ingest PATH lang=ko"
    lk.append("documents", documents("a"))
    assert missing.empty(lk, text) is None
    for table, command in missing._TABLES.items():
        exists(command)
        if table != "documents":
            assert missing.empty(lk, f"from {table}") == f"{table} has no rows yet: {command}"
    assert missing.empty(lk, "select 1") is None


def test_rows_of_a_table_end_it(raw):
    raw.append("runs", pa.table({"run": ["demo"]}))
    assert missing.empty(raw, "from runs") is None


def test_tables_of_run_folders_that_are_empty_name_the_training_that_fills_them(lk, tmp_path):
    runs = run_tables.tables(lk, tmp_path)
    text = lake.Query.read(ROOT / "sql/stats/run_bits_per_byte.sql").sql
    command = "kormo train RUN validation.sequences=NAME"
    assert missing.empty(lk, text, runs) == f"run_validation has no rows yet: {command}"
    assert (
        missing.empty(lk, "from run_points", runs) == "run_steps has no rows yet: kormo train RUN"
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "run.yaml").write_text("name: a")
    assert missing.empty(lk, "from run_list", runs) is None
    assert missing.empty(lk, "from run_spikes", runs) is None
    exists(command)
