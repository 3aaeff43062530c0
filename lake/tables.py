"""The tables of a lake and the columns their rows are born with.

Steps add more columns to `documents`; every other table is as it stands here. Times are UTC.
"""

from dataclasses import dataclass

import pyarrow as pa

from lake.column import Column
from lake.errors import NoTable, among

_STRING, _INT64, _TIME = pa.string(), pa.int64(), pa.timestamp("us")
_MESSAGES = pa.list_(pa.struct([("role", _STRING), ("content", _STRING), ("reasoning", _STRING)]))
ORIGINS = ("crawled", "curated", "synthetic", "translated")
"""What the column `origin` of a document may say."""
PRIMARY_KEY = {"lance-schema:unenforced-primary-key": "true"}


@dataclass(frozen=True)
class Table:
    """A table's meaning, grain, key and own columns."""

    name: str
    meaning: str
    key: str | None
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of a row as it is born."""
        return pa.schema(
            [
                pa.field(
                    column.name,
                    column.type,
                    nullable=column.nullable,
                    metadata=PRIMARY_KEY if column.name == self.key else None,
                )
                for column in self.columns
            ]
        )


def columns(*rows: tuple[str, pa.DataType, str]) -> tuple[Column, ...]:
    """Columns from (name, type, meaning); a name ending in '!' is never NULL."""
    return tuple(
        Column(name.rstrip("!"), type_, meaning, nullable=not name.endswith("!"))
        for name, type_, meaning in rows
    )


_TABLES = (
    Table(
        "documents",
        "One row per document; `text` is never changed, all else that is known of it is a column.",
        "doc_id",
        columns(
            ("doc_id!", _STRING, "hash of source, source_id and text, or turns; the only key"),
            ("source_id", _STRING, "the id inside the source"),
            ("text", _STRING, "the text as it came"),
            ("messages", _MESSAGES, "turns of a conversation: role, content, reasoning before it"),
            ("lang", _STRING, "language that the source claims, e.g. 'ko'"),
            ("source", _STRING, "where it comes from, e.g. 'fastapi'"),
            ("origin", _STRING, "crawled, curated, synthetic or translated"),
            ("kind", _STRING, "sort of text, e.g. 'tech-doc'"),
            ("url", _STRING, "address of the page, if it had one"),
            ("license", _STRING, "licence that the source states"),
            ("meta", _STRING, "what else the source said, as JSON"),
            ("parent_id", _STRING, "doc_id of the document it was made from"),
            ("synthesizer", _STRING, "model that wrote it; NULL where a person did"),
            ("prompt_style", _STRING, "style asked of the synthesizer"),
            ("prompt_id", _STRING, "prompt asked of the synthesizer"),
            ("ingest_run", _STRING, "the ingest that brought it"),
        ),
    ),
    Table(
        "rejects",
        "One row per input row that could not become a document.",
        "reject_id",
        columns(
            ("reject_id!", _STRING, "hash of file, line and reason"),
            ("ingest_run", _STRING, "the ingest that met it first"),
            ("source", _STRING, "source of the file"),
            ("file", _STRING, "file, or archive and member"),
            ("line", _INT64, "line, row or record in the file, from 1; 0 for the whole file"),
            ("reason", _STRING, "why, in one word"),
            ("detail", _STRING, "what was found, at most 200 characters"),
        ),
    ),
    Table(
        "ingests",
        "One row per finished ingest; n_read = n_added + n_present + n_rejected.",
        None,
        columns(
            ("ingest_run", _STRING, "name of the ingest"),
            ("started_at", _TIME, "when it began"),
            ("finished_at", _TIME, "when it ended"),
            ("inputs", _STRING, "paths, as a JSON list"),
            ("options", _STRING, "options, as JSON"),
            ("n_read", _INT64, "rows read"),
            ("n_added", _INT64, "documents added"),
            ("n_present", _INT64, "rows whose document was there already"),
            ("n_rejected", _INT64, "rows that could not be used"),
        ),
    ),
    Table(
        "mixtures",
        'One row per recorded mixture; its documents are in `mixtures."NAME@VERSION"`.',
        None,
        columns(
            ("mixture", _STRING, "name of the query"),
            ("version", pa.int32(), "1, 2, … of this name"),
            ("sql_sha256", _STRING, "hash of the query's text"),
            ("sql", _STRING, "the query's text"),
            ("parameters", _STRING, "all parameters, as JSON"),
            ("documents_version", _INT64, "version of `documents` that was asked"),
            ("tag", _STRING, "tag that keeps that version"),
            ("created_at", _TIME, "when it was recorded"),
            ("n_documents", _INT64, "documents selected"),
            ("n_bytes", _INT64, "UTF-8 bytes of their clean text, once each"),
            ("n_tokens", _INT64, "their tokens, once each; NULL where none were counted"),
            ("tokenizer", _STRING, "tokenizer of n_tokens"),
            ("digest", _STRING, "SHA-256 of the selection in its order"),
        ),
    ),
    Table(
        "mixture_totals",
        "One row per mixture, component, language, source, origin and synthesizer.",
        None,
        columns(
            ("mixture", _STRING, "name of the mixture"),
            ("version", pa.int32(), "its version"),
            ("component", _STRING, "component of the mixture"),
            ("lang", _STRING, "language"),
            ("source", _STRING, "source"),
            ("origin", _STRING, "origin"),
            ("synthesizer", _STRING, "synthesizer, NULL for none"),
            ("n_documents", _INT64, "documents"),
            ("n_bytes", _INT64, "bytes, each document once"),
            ("n_tokens", _INT64, "tokens, each document once"),
            ("n_repeated_bytes", _INT64, "bytes times repeats"),
            ("n_repeated_tokens", _INT64, "tokens times repeats"),
        ),
    ),
    Table(
        "sequences",
        "One row per packed table; n_tokens_in = n_tokens_packed + n_tokens_left_over.",
        None,
        columns(
            ("name", _STRING, "name of the sequences"),
            ("mixture", _STRING, "mixture@version"),
            ("tokenizer", _STRING, "tokenizer"),
            ("strategy", _STRING, "concat or best_fit"),
            ("length", _INT64, "tokens in a row"),
            ("n_rows", _INT64, "rows"),
            ("n_documents", _INT64, "documents read, repeats included"),
            ("n_tokens_in", _INT64, "tokens of those documents, BOS and EOS included"),
            ("n_tokens_packed", _INT64, "of these, tokens in rows"),
            ("n_tokens_left_over", _INT64, "of these, tokens of the unfinished last row"),
            ("n_padding", _INT64, "padding in rows"),
            ("fingerprint", _STRING, "of mixture, tokenizer and packing parameters"),
            ("created_at", _TIME, "when it was complete"),
        ),
    ),
    Table(
        "generations",
        "One row per request to an LLM that was answered or failed.",
        "generation_id",
        columns(
            ("generation_id!", _STRING, "hash of the request, the run and the attempt"),
            ("request_id!", _STRING, "hash of model, messages, sampling and sample"),
            ("run", _STRING, "the command that sent it, with its time"),
            ("purpose", _STRING, "what for, e.g. 'synthesize:web_rewrite_ko'"),
            ("endpoint", _STRING, "name of the endpoint"),
            ("model", _STRING, "model that was asked for"),
            ("synthesizer", _STRING, "the endpoint's name for its model in documents"),
            ("prompt_id", _STRING, "prompt and version"),
            ("prompt_fingerprint", _STRING, "hash of the messages that were sent"),
            ("parent_id", _STRING, "doc_id of the document that it was made from"),
            ("sampling", _STRING, "temperature and so on, as JSON"),
            ("sample", _INT64, "0, 1, … of requests that are otherwise the same"),
            ("attempt", _INT64, "1, 2, … of this request in this run"),
            ("error", _STRING, "'' where it was answered, else why not, in one word"),
            ("detail", _STRING, "what the server said, at most 200 characters"),
            ("text", _STRING, "the answer"),
            ("reasoning", _STRING, "what the model thought before it; NULL for none"),
            ("finish_reason", _STRING, "stop, length, … as the server says"),
            ("n_prompt_tokens", _INT64, "tokens of the prompt; NULL where not said"),
            ("n_completion_tokens", _INT64, "tokens of reasoning and answer; NULL where not said"),
            ("n_tokens_charged", _INT64, "tokens against the budget; the most where not known"),
            ("cost", pa.float64(), "money for them, by the endpoint's prices"),
            ("started_at", _TIME, "when it was sent"),
            ("seconds", pa.float64(), "until the answer was whole"),
        ),
    ),
    Table(
        "translation_scores",
        "One row per translation that was translated back, and model that did it.",
        None,
        columns(
            ("doc_id!", _STRING, "the translated document"),
            ("parent_id!", _STRING, "the document that it was made from"),
            ("lang", _STRING, "language of the translation"),
            ("synthesizer", _STRING, "model that translated"),
            ("prompt_id", _STRING, "prompt and version of the translation"),
            ("back_synthesizer", _STRING, "model that translated back"),
            ("back_prompt_id", _STRING, "prompt and version of the way back"),
            ("chrf", pa.float64(), "chrF of the prose against the parent's, 0 to 100"),
            ("n_chars", _INT64, "characters of the parent's prose"),
        ),
    ),
    Table(
        "runs",
        "One row per finished training run.",
        None,
        columns(
            ("run", _STRING, "name of the run"),
            ("run_id", _STRING, "its id, as in wandb"),
            ("created_at", _TIME, "when it ended"),
            ("config", _STRING, "the resolved settings, as YAML"),
            ("git_commit", _STRING, "commit of the code"),
            ("sequences_fingerprint", _STRING, "fingerprint of its sequences"),
            ("n_steps", _INT64, "steps taken"),
            ("n_tokens", _INT64, "tokens seen"),
            ("first_loss", pa.float64(), "loss of the first step, nats a token"),
            ("last_loss", pa.float64(), "loss of the last step, nats a token"),
            ("checkpoint", _STRING, "the last checkpoint"),
            ("seconds", pa.float64(), "seconds of training"),
        ),
    ),
    Table(
        "evals",
        "One row per number that an evaluation found.",
        None,
        columns(
            ("run", _STRING, "name of the run"),
            ("checkpoint", _STRING, "the checkpoint, or 'init' for the untrained model"),
            ("metric", _STRING, "e.g. 'bits_per_byte'"),
            ("task", _STRING, "what was evaluated"),
            ("lang", _STRING, "language; NULL for all"),
            ("source", _STRING, "source; NULL for all"),
            ("synthesizer", _STRING, "synthesizer; NULL for all or none"),
            ("value", pa.float64(), "the number"),
            ("stderr", pa.float64(), "its standard error"),
            ("n_documents", _INT64, "documents behind it"),
            ("n_bytes", _INT64, "bytes behind it"),
            ("created_at", _TIME, "when it was found"),
        ),
    ),
    Table(
        "diversity",
        "One row per number that `kormo diversity` found, of one group or several mixed.",
        None,
        columns(
            ("facet", _STRING, "what was grouped by, e.g. 'synthesizer'"),
            ("name", _STRING, "the group, or 'mixture of 5, draw 1'"),
            ("members", pa.list_(_STRING), "groups of a mixture; NULL for a group alone"),
            ("lang", _STRING, "language"),
            ("measure", _STRING, "e.g. 'distinct_2'; 'vocabulary', 'too_small'"),
            ("value", pa.float64(), "the number"),
            ("alone", pa.float64(), "of a mixture: the mean of its members alone"),
            ("same_seeds", pa.bool_(), "of a mixture: members alone were asked the same"),
            ("n_documents", _INT64, "documents behind it; all there are where too_small"),
            ("n_words", _INT64, "words behind it"),
            ("n_bytes", _INT64, "bytes behind it"),
            ("settings", _STRING, "sizes, seed and condition, as JSON"),
            ("documents_version", _INT64, "version of `documents` that was asked"),
            ("created_at", _TIME, "when it was found"),
        ),
    ),
)
TABLES = {table.name: table for table in _TABLES}


def table(name: str) -> Table:
    """The table of that name.

    Raises:
        NoTable: with the nearest name.
    """
    if name not in TABLES:
        raise NoTable(f"no table '{name}' in a lake; {among(name, TABLES)}")
    return TABLES[name]
