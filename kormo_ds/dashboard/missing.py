"""What a question lacks, and the command that makes it."""

import re

import lake
from kormo_ds.errors import KormoError
from kormo_ds.steps import STEPS
from lake import duck

DOCUMENTS = "kormo ingest FILES lang=ko source=NAME origin=crawled"
TABLES = {
    "documents": DOCUMENTS,
    "ingests": DOCUMENTS,
    "mixtures": "kormo mixture run NAME",
    "mixture_totals": "kormo mixture run NAME",
    "sequences": "kormo pack NAME tokenizer=NAME length=512",
    "runs": "kormo train RUN data.sequences=NAME",
    "evals": "kormo eval data/runs/RUN",
}
"""The command that gives a table its rows; `rejects` of a good lake has none."""
RUNS = "kormo train RUN data.sequences=NAME validation.sequences=NAME"
PATTERNS = (
    (r"(exact|minhash)_\w+", "kormo dedup {0} after=kept"),
    (r"bff_\w+|dup_spans", "kormo dedup bff mode=old-both after=kept"),
    (r"n_tokens_(\w+)", "kormo step run n_tokens n_tokens.tokenizer={0}"),
    (r"n_tokens", "kormo step run n_tokens n_tokens.tokenizer=NAME"),
    (r"quality\w*", "kormo step run quality quality.models=NAME"),
    (r"toxicity\w*", "kormo step run toxicity toxicity.models=NAME"),
    (r"perplexity\w*", "kormo step run perplexity perplexity.model=NAME"),
    (r"contaminat\w+", "kormo step run contamination"),
)
"""Columns whose command is not `kormo step run` of the step that writes them."""


def explain(error: Exception, lk: lake.Lake) -> str | None:
    """The command that makes what a question did not find; None where it lacks nothing."""
    text = str(error)
    found = re.search(r"[Cc]olumn(?: named)? \"(\w+)\"", text)
    name = found[1] if found else None
    if name is None and re.search(r"No matching columns.*regex|regular expression", text):
        name = "length_reason"
    if name is None and re.search(r"[Ll]ambda", text):
        name = "length_reason"
    if name is None or name in lk.schema("documents").names:
        return None
    if not lk.exists("documents"):
        return DOCUMENTS
    return command(name)


def command(column: str) -> str | None:
    """The command that writes a column of documents; None where no step writes it."""
    for pattern, said in PATTERNS:
        if match := re.fullmatch(pattern, column):
            return said.format(*match.groups())
    for name, step in STEPS.items():
        try:
            written = {one.name for one in step().writes}
        except (KormoError, TypeError):
            continue  # needs a setting; its columns are among PATTERNS
        if column in written:
            return f"kormo step run {name}"
    return None


def empty(lk: lake.Lake, text: str) -> str | None:
    """The command that fills the first table without rows that a text reads."""
    tables, _ = duck.named_tables(text)
    for name in sorted(tables, key=list(lake.tables.TABLES).index):
        if name in TABLES and (not lk.exists(name) or lk.dataset(name).count_rows() == 0):
            return TABLES[name]
    return None
