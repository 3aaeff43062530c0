"""What a question lacks, and the command that makes it.

DuckDB says which column or table it does not find; who writes a column is what the steps say.
"""

import re

from kormo_ds.classifier import store
from kormo_ds.steps import STEPS
from lake import Lake, LakeError, duck
from lake.tables import TABLES

_COLUMN = re.compile(
    r'(?:Referenced column|a column named|Column|key) "([^"]+)"'
    r"|No matching columns found that match regex \"\^?([^\"]+?)\$?\""
)
_TABLE = re.compile(r'Table with name "?([\w.@/-]+)"? does not exist')
_TABLES = {
    "documents": "kormo ingest PATH lang=ko",
    "ingests": "kormo ingest PATH lang=ko",
    "mixtures": "kormo mixture run demo",
    "mixture_totals": "kormo mixture run demo",
    "sequences": "kormo pack MIXTURE tokenizer=NAME",
    "runs": "kormo train RUN",
    "evals": "kormo eval checkpoint data/runs/RUN",
    "diversity": "kormo diversity",
}
"""What writes the first rows of a table."""
_RUNS = {
    "run_list": "kormo train RUN",
    "run_steps": "kormo train RUN",
    "run_checkpoints": "kormo train RUN",
    "run_lineage": "kormo train RUN",
    "run_validation": "kormo train RUN validation.sequences=NAME",
}
"""What writes the first rows of a table of run folders; a run without spikes lacks nothing."""
_DEDUP = (
    (r"exact_(dup_of|reason)", "kormo dedup exact"),
    (r"minhash_(dup_of|cluster|reason)", "kormo dedup minhash"),
    (r"bff_\w+|dup_spans", "kormo dedup bff"),
)
_BY_NAME = (
    (r"n_tokens_(\w*)", "n_tokens", "n_tokens.tokenizer={}"),
    (r"n_chat_tokens_(\w*)", "n_chat_tokens", "n_chat_tokens.tokenizer={}"),
    (r"perplexity_(\w+?)(?:_bin|_reason)?", "perplexity", "perplexity.model={}"),
)
_CLASSIFIED = r"(quality|toxicity)(?:_bin|_reason)?(?:_(\w+?))?(?:_reason)?"


def explain(error: LakeError, lk: Lake) -> str | None:
    """Which column or table is missing and the command that makes it; None where none does."""
    said = str(error)
    if (table := _TABLE.search(said)) is not None:
        return _no_table(table[1])
    if (found := _COLUMN.search(said)) is None:
        return None
    if not lk.exists("documents"):
        return empty(lk, "documents")
    name = (found[1] or found[2]).replace("counted_.", "n_tokens_").lstrip(".")
    if name in lk.schema("documents").names:
        return None
    if name == "_reason":
        return "no step has judged documents yet: kormo step run clean length language"
    command = command_of(name, lk)
    if command is None:
        return None
    name = f"{name}NAME" if name.endswith("_") else name
    return f"no step has written {name} yet: {command}"


def empty(lk: Lake, text: str, runs: duck.Extra | None = None) -> str | None:
    """The first table without rows that a text or its views name, and the command that fills it.

    Args:
        lk: the lake.
        text: the question.
        runs: tables of run folders.
    """
    runs = runs or {}
    named = duck.named(text, {*TABLES, *runs}, duck.views())
    for name, command in _RUNS.items():
        if name in named and name in runs and not runs[name]().num_rows:
            return f"{name} has no rows yet: {command}"
    for name, command in _TABLES.items():
        if name in named and not (lk.exists(name) and lk.dataset(name).count_rows()):
            return f"{name} has no rows yet: {command}"
    return None


def command_of(column: str, lk: Lake) -> str | None:
    """The command that writes a column of documents, None where none does."""
    for pattern, command in _DEDUP:
        if re.fullmatch(pattern, column):
            return command
    if (match := re.fullmatch(_CLASSIFIED, column)) is not None:
        return _classified(match[1], match[2], lk)
    for pattern, step, setting in _BY_NAME:
        if (match := re.fullmatch(pattern, column)) is not None:
            return _run(step, lk, setting.format(match[1] or "NAME"))
    for name, kind in STEPS.items():
        if column in {written.name for written in kind.columns}:
            return _run(name, lk)
    return None


def _run(step: str, lk: Lake, setting: str = "") -> str:
    """`kormo step run` of a step, with `clean` before it where that has to come first."""
    there = lk.schema("documents").names
    reads = STEPS[step].reads  # a property of those whose settings choose what is read
    reads_source = isinstance(reads, tuple) and set(reads) <= set(TABLES["documents"].schema.names)
    before = [] if reads_source or "text_clean" in there else ["clean"]
    return " ".join(["kormo step run", *before, step, *filter(None, [setting])])


def _classified(name: str, label: str | None, lk: Lake) -> str:
    """The step where the lake has a model of that kind, else what trains one."""
    models = store.names(lk, name)
    if not models:
        return f"kormo {name} train NAME lang=ko positives='select …' negatives='select …'"
    settings = f"{name}.models={label if label in models else models[-1]}"
    return _run(name, lk, settings + (f" {name}.label={label}" if label else ""))


def _no_table(name: str) -> str | None:
    folder, _, inner = name.partition(".")
    if name.startswith("run_"):
        return f"no run has written {name} yet: kormo train RUN"
    if folder == "mixtures" and inner:
        return f"{inner} is not recorded: kormo mixture run {inner.partition('@')[0]}"
    if folder == "sequences" and inner:
        return f"{inner} is not packed: kormo pack MIXTURE tokenizer=NAME name={inner}"
    if folder in ("quality", "toxicity") and inner:
        return f"{inner} is not trained: kormo {folder} train {inner} lang=ko positives='select …'"
    return None
