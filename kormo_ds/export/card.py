"""The README.md of an exported model: what it is, its data, its lineage, and what was measured.

The same checkpoint, lake and dtype give the same bytes: no date is in it that was not recorded.
What is not recorded is said to be missing. Names are escaped, since anyone may have chosen them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from kormo_ds.config import OptimConfig, ScheduleConfig
from kormo_ds.export import card_data, in_lake
from kormo_ds.export.facts import Facts
from kormo_ds.export.markdown import block, table, text
from kormo_ds.text import tokens

if TYPE_CHECKING:
    from lake import Lake

_USE = """from transformers import AutoModelForCausalLM, AutoTokenizer

folder = "."  # this folder, or the name of its repository
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder)
prompt = tokenizer("The library", return_tensors="pt")
print(tokenizer.decode(model.generate(**prompt, max_new_tokens=32)[0]))"""


@dataclass(frozen=True)
class Weights:
    """What was written of the model."""

    dtype: str
    n_parameters: int
    left_out: int
    """Tensors of multi-token prediction."""


def of(facts: Facts, weights: Weights, lk: "Lake | None") -> str:
    """The card's text.

    Args:
        facts: of the checkpoint.
        weights: as they are in the folder.
        lk: the lake of its mixtures and evaluations, if there is one.
    """
    data = card_data.read(facts, lk)
    measured = in_lake.evals(lk, facts.run.name, facts.checkpoint) if lk else []
    parts = [
        _front_matter(data.languages()),
        *_what(facts, weights),
        *_use(facts),
        *data.parts(),
        *_lineage(facts),
        *_training(facts),
        *_measured(facts, measured),
        *_limits(facts, measured, data),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(languages: list[str]) -> str:
    known = {"language": languages} if languages else {}
    said = yaml.safe_dump(
        known
        | {
            "library_name": "transformers",
            "pipeline_tag": "text-generation",
            "tags": ["kormo_ds", "llama"],
        },
        sort_keys=False,
    )
    return f"---\n{said}---"


def _what(facts: Facts, weights: Weights) -> Iterator[str]:
    model, words = facts.run.model, facts.vocabulary
    begun = "from another run's weights" if facts.state.lineage else "from random weights"
    chat = facts.state.render == "chat"
    form = (
        "Its chat template takes tools and `enable_thinking`, and opens the block of thoughts."
        if chat
        else "It has no chat template."
    )
    yield f"# {text(facts.run.name)}"
    yield (
        f"A language model that continues text, `LlamaForCausalLM`, trained {begun} with "
        f"kormo\\_ds; checkpoint {text(facts.checkpoint)}, whose manifest has SHA-256 "
        f"`{facts.manifest_sha256}`. {form}"
    )
    heads = f"{model.n_heads}, keys and values {model.n_kv_heads}, each of {model.head_dim}"
    rows = [
        ("parameters", weights.n_parameters),
        ("of these, embedding and head", 2 * model.vocab_size * model.hidden_size),
        (
            "layers, width, width of the feed-forward",
            _numbers(model.n_layers, model.hidden_size, model.ffn_size),
        ),
        ("heads", heads),
        ("tokens in the vocabulary", words.size),
        ("rows of the embedding", model.vocab_size),
        ("positions", model.max_positions),
        ("base of the rotary positions", f"{model.rope_theta:,.0f}"),
        ("numbers in the files", weights.dtype),
    ]
    yield table(["", ""], rows)
    if weights.left_out:
        yield (
            f"{weights.left_out} tensors of multi-token prediction, which training used beside "
            f"these, are left out: they do not change what the model predicts next."
        )


def _use(facts: Facts) -> Iterator[str]:
    yield "## Use"
    yield block(_USE, "python")
    begins = facts.vocabulary.tokenizer.encode("").ids == [facts.vocabulary.bos]
    said = [f"A text begins with `{tokens.BOS}`, which the tokenizer puts there."] if begins else []
    said.append(
        f"Text that spells a control token, as `{tokens.EOS}`, is read letter by letter, as in "
        "training; `split_special_tokens=False` reads it as that token."
    )
    yield " ".join(said)


def _lineage(facts: Facts) -> Iterator[str]:
    yield "## Lineage"
    head = ["run", "checkpoint", "steps", "tokens", "mixture", "passed to the run above"]
    yield table(
        head,
        [
            (
                facts.run.name if i == 0 else one.run,
                one.checkpoint.rstrip("/").rsplit("/", 1)[-1],
                one.steps,
                one.tokens,
                one.mixtures(),
                ", ".join(one.passed) or None,
            )
            for i, one in enumerate(facts.lineage)
        ],
    )
    yield f"{sum(one.tokens for one in facts.lineage):,} tokens in all, padding included."


def _training(facts: Facts) -> Iterator[str]:
    run, state = facts.run, facts.state
    rows: list[tuple[str, Any]] = [
        ("steps", f"{state.step:,} of {run.train.steps:,}"),
        ("tokens of a step", run.train.tokens_per_step),
        ("tokens of a row", facts.sequences["length"] if facts.sequences else None),
        ("learning rate", _rate(run.optim, run.schedule)),
        ("AdamW", _adamw(run.optim)),
        ("precision", run.train.precision),
        ("ranks and ZeRO stage, last", f"{state.world}, {state.zero_stage}"),
        ("attention", f"mask {run.model.mask}, positions of the {run.model.positions}"),
        ("seed", str(run.seed)),
        ("hours of training", state.seconds / 3600),
        ("tokens a second, median", round(facts.tokens_per_s) if facts.tokens_per_s else None),
        ("commit of the code, at the end of the run", facts.git_commit),
        ("hardware, versions of libraries", None),
    ]
    if run.train.batch_warmup:
        rows.insert(2, ("smaller steps first", str(run.train.batch_warmup)))
    yield "## Training"
    yield table(["", ""], rows)
    yield "– is not recorded, or was not at hand. `kormo_run.yaml` has every setting."


def _rate(optim: OptimConfig, schedule: ScheduleConfig) -> str:
    said = [
        f"{optim.lr:g} at the peak",
        schedule.kind,
        f"warm-up {schedule.warmup:.1%} of the steps",
    ]
    if schedule.kind == "wsd":
        said.append(f"the last {schedule.decay:.1%} {schedule.shape}")
    if schedule.kind != "constant":
        said.append(f"to {schedule.final:g} of the peak")
    return ", ".join(said)


def _adamw(optim: OptimConfig) -> str:
    betas = " and ".join(f"{beta:g}" for beta in optim.betas)
    decay = f"weight decay {optim.weight_decay:g}"
    return f"betas {betas}, eps {optim.eps:g}, {decay}, gradient norm up to {optim.clip:g}"


def _measured(facts: Facts, measured: list[dict[str, Any]]) -> Iterator[str]:
    state, found = facts.state, facts.validation
    yield "## Measured"
    if state.first_loss is not None and state.last_loss is not None:
        yield (
            f"Training loss, nats a token: {state.first_loss:.4f} in the first step of the run, "
            f"{state.last_loss:.4f} in the last one of this checkpoint."
        )
    if found:
        yield (
            f"Bits per byte of held-out rows ({text(_last(facts.run.validation.sequences))}), "
            f"measured in training after {found['step'] + 1:,} steps:"
        )
        bytes_of = found.get("n_bytes", {})
        yield table(
            ["documents", "bits per byte", "bytes"],
            [(name, value, bytes_of.get(name)) for name, value in found["bpb"].items()],
        )
    if measured:
        yield "Recorded in the lake for this run and checkpoint:"
        head = [
            "measured on",
            "metric",
            "language",
            "source",
            "synthesizer",
            "value ± error",
            "documents",
            "on",
        ]
        yield table(head, [_eval(row) for row in measured])


def _eval(row: dict[str, Any]) -> tuple[Any, ...]:
    value = None if row["value"] is None else f"{row['value']:.4f}"
    if value and row["stderr"] is not None:
        value += f" ± {row['stderr']:.4f}"
    about = [row[key] or "all" for key in ("lang", "source")]
    day = row["created_at"].strftime("%Y-%m-%d")
    return row["task"], row["metric"], *about, row["synthesizer"], value, row["n_documents"], day


def _limits(facts: Facts, measured: list[dict[str, Any]], data: card_data.Data) -> Iterator[str]:
    yield "## Not known"
    said = []
    if not facts.validation:
        said.append("No validation during training is recorded.")
    if not measured:
        where = "in the lake" if data.has_lake else "(no lake was at hand)"
        said.append(f"No evaluation of this checkpoint is recorded {where}.")
    elif {row["metric"] for row in measured} == {"bits_per_byte"}:
        said.append("No task was evaluated: bits per byte say how well text is predicted, no more.")
    if facts.sequences:
        said.append(
            f"It was trained on rows of {facts.sequences['length']:,} tokens; how it does beyond "
            f"them, up to its {facts.run.model.max_positions:,} positions, is not recorded."
        )
    said.append("Nothing is recorded about the safety, bias or truth of what it writes.")
    said.append("No licence is stated here: none is recorded for the model.")
    yield "\n".join(f"- {line}" for line in said)


def _numbers(*values: int) -> str:
    return ", ".join(f"{value:,}" for value in values)


def _last(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]
