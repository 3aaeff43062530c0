"""The tables of run folders and their columns: what `run_tables` makes.

`python -m kormo_ds.dashboard.run_columns` writes them into docs/sql.md; a test compares.
"""

from pathlib import Path

import pyarrow as pa

from lake import contract
from lake.tables import Table, columns

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sql.md"
_STRING, _INT64, _DOUBLE, _BOOL = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_RUN = ("run!", _STRING, "name of the run's folder")
_TABLES = (
    Table(
        "run_list",
        "One row per run folder.",
        "run",
        columns(
            _RUN,
            ("folder", _STRING, "where it is"),
            ("state", _STRING, "training, ended (all steps are done) or stopped"),
            ("steps_done", _INT64, "steps written down"),
            ("steps_planned", _INT64, "train.steps"),
            ("tokens", _INT64, "tokens seen, padding included"),
            ("last_loss", _DOUBLE, "of the last step that has one, nats a token"),
            ("sequences", _STRING, "name of the sequences that it reads"),
            ("fingerprint", _STRING, "of the sequences, from its newest checkpoint"),
            ("mixture", _STRING, "mixture@version of them, from its newest checkpoint"),
            ("handover", _STRING, "run that it began from; NULL for new weights"),
            ("seed", _INT64, "seed"),
            ("lr", _DOUBLE, "optim.lr"),
            ("schedule", _STRING, "schedule.kind"),
            ("tokens_per_step", _INT64, "train.tokens_per_step"),
            ("precision", _STRING, "train.precision"),
            ("zero_stage", _INT64, "ZeRO stage"),
            ("n_layers", _INT64, "model.n_layers"),
            ("hidden_size", _INT64, "model.hidden_size"),
            ("vocab_size", _INT64, "model.vocab_size"),
            ("written_at", pa.timestamp("us"), "when a step was last written down"),
            ("n_unreadable", _INT64, "lines and files of the folder that cannot be read"),
        ),
    ),
    Table(
        "run_steps",
        "One row per run and step, from metrics.jsonl; NULL where a number is not finite.",
        None,
        columns(
            _RUN,
            ("step!", _INT64, "number of the step, from 0"),
            ("tokens", _INT64, "tokens seen after it, padding included"),
            ("epoch", _DOUBLE, "passes over the sequences after it"),
            ("loss", _DOUBLE, "nats a token"),
            ("lr", _DOUBLE, "learning rate"),
            ("grad_norm", _DOUBLE, "norm of the gradient before clipping"),
            ("z_loss", _DOUBLE, "z-loss"),
            ("loss_score", _DOUBLE, "deviations of the loss above the median (docs/stability.md)"),
            ("grad_norm_score", _DOUBLE, "deviations of the gradient norm above the median"),
            ("step_skipped", _BOOL, "the step was not applied"),
            ("seconds", _DOUBLE, "seconds of the step"),
            ("tokens_per_s", _DOUBLE, "tokens a second, padding included"),
            ("tokens_per_s_device", _DOUBLE, "the same, a device"),
            ("document_tokens_per_s", _DOUBLE, "tokens of documents a second"),
            ("pack_fill_pct", _DOUBLE, "per cent of tokens that are of documents"),
            ("tflops_device", _DOUBLE, "10^12 operations a second and device, PaLM's formula"),
            ("mfu_palm", _DOUBLE, "share of the device's peak, PaLM's formula"),
            ("mfu_documents", _DOUBLE, "the same for attention within documents"),
            ("data_wait_s", _DOUBLE, "seconds that rank 0 waited for rows"),
            ("data_wait_pct", _DOUBLE, "per cent of the step that the slowest rank waited"),
            ("max_active_gib", _DOUBLE, "most memory in tensors of a device, GiB"),
            ("max_reserved_gib", _DOUBLE, "most memory reserved on a device, GiB"),
            ("rss_gib", _DOUBLE, "most memory of a process on CPU, GiB"),
            ("eta_h", _DOUBLE, "hours to the last step"),
        ),
    ),
    Table(
        "run_validation",
        "One row per run, validation and group, from validation.jsonl.",
        None,
        columns(
            _RUN,
            ("step!", _INT64, "number of the step that it came after"),
            ("tokens", _INT64, "tokens seen then"),
            ("kind", _STRING, "all, lang, source, synthesizer or component"),
            ("name", _STRING, "the language, source, …; 'all' for all"),
            ("bpb", _DOUBLE, "bits per byte of the predicted tokens"),
            ("n_bytes", _INT64, "bytes behind it"),
        ),
    ),
    Table(
        "run_spikes",
        "One row per run and spike, from spikes.jsonl.",
        None,
        columns(
            _RUN,
            ("step!", _INT64, "number of the step"),
            ("loss", _DOUBLE, "nats a token; NULL if not finite"),
            ("grad_norm", _DOUBLE, "norm of the gradient; NULL if not finite"),
            ("loss_score", _DOUBLE, "deviations above the median"),
            ("grad_norm_score", _DOUBLE, "deviations above the median"),
            ("step_skipped", _BOOL, "the step was not applied"),
            ("n_rows", _INT64, "rows of the step"),
        ),
    ),
    Table(
        "run_spike_rows",
        "One row per run, spike and row of sequences, from spikes.jsonl.",
        None,
        columns(
            _RUN,
            ("step!", _INT64, "number of the step"),
            ("row", _INT64, "number of the row"),
            ("loss", _DOUBLE, "mean loss of the row, nats a token; NULL if not finite"),
            ("n_scored", _INT64, "tokens that have a loss"),
            ("sequences", _STRING, "name of the sequences that the run reads now"),
        ),
    ),
    Table(
        "run_checkpoints",
        "One row per run and checkpoint, those removed since among them.",
        None,
        columns(
            _RUN,
            ("checkpoint", _STRING, "name of its folder, as in evals"),
            ("steps", _INT64, "steps done in it"),
            ("tokens", _INT64, "tokens seen, padding included; NULL of one removed"),
            ("state", _STRING, "complete, incomplete (being written, or cut off) or removed"),
            ("seconds", _DOUBLE, "seconds of writing it"),
            ("n_bytes", _INT64, "its bytes"),
            ("path", _STRING, "its folder"),
        ),
    ),
    Table(
        "run_lineage",
        "One row per run and ancestor of its newest complete checkpoint, itself the first.",
        None,
        columns(
            _RUN,
            ("checkpoint", _STRING, "name of the run's newest complete checkpoint"),
            ("generation", _INT64, "0 for itself, 1 for the checkpoint that it began from, …"),
            ("ancestor_run", _STRING, "run of the ancestor"),
            ("ancestor_checkpoint", _STRING, "folder of the ancestor"),
            ("steps", _INT64, "steps of that run"),
            ("tokens", _INT64, "tokens of that run alone"),
            ("mixture", _STRING, "what it was trained on"),
            ("passed", _STRING, "what was taken over from it; NULL for itself"),
        ),
    ),
)
TABLES = {table.name: table for table in _TABLES}


def updated(text: str) -> str:
    """The page's text with its generated part as it should be."""
    return contract.updated(text, TABLES)


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
