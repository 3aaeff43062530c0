"""The data part of a card: each mixture with its query, its parameters and what it is made of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kormo_ds.export import in_lake
from kormo_ds.export.facts import Facts
from kormo_ds.export.in_lake import Composition
from kormo_ds.export.markdown import block, table, text
from kormo_ds.run_record import lineage

if TYPE_CHECKING:
    from lake import Lake

_PACKED = {
    "tokenizer": "tokenizer",
    "strategy": "packed by",
    "length": "tokens of a row",
    "n_rows": "rows",
    "n_documents": "documents, repeats included",
    "n_tokens_packed": "tokens in rows",
    "n_padding": "padding",
    "fingerprint": "fingerprint",
}
_CODE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True)
class Data:
    """What a checkpoint and its ancestors were trained on."""

    facts: Facts
    has_lake: bool
    read: dict[str, tuple[str, Composition | None]]
    """By fingerprint of the sequences: what they are called, and what the lake knows of them."""

    def languages(self) -> list[str]:
        """Codes of the languages that the mixtures are recorded to have, sorted."""
        rows = [row for _, found in self.read.values() if found for row in found.totals]
        return sorted({row["lang"] for row in rows if _CODE.fullmatch(row["lang"] or "")})

    def parts(self) -> Iterator[str]:
        """The section's paragraphs and tables."""
        yield "## Data"
        if len(self.read) > 1:
            yield "Of this run and those it comes from, as the lineage below names them."
        for name, found in self.read.values():
            yield f"### {text(name)}"
            yield from _composition(found) if found else [self._unknown()]
        yield from self._rows()

    def _unknown(self) -> str:
        if self.has_lake:
            return "What it is made of is not known: the lake does not hold these sequences."
        return "What it is made of is not stated: no lake was at hand when this was written."

    def _rows(self) -> Iterator[str]:
        facts, state = self.facts.sequences, self.facts.state
        yield "### Rows"
        if facts is None:
            yield "The packed rows of the last mixture were not at hand when this was written."
        else:
            known = [(label, facts[key]) for key, label in _PACKED.items() if key in facts]
            yield table(["", ""], known)
            if len(state.data) == 1 and not state.data_start:
                passes = state.tokens / (facts["n_rows"] * facts["length"])
                yield f"This run read them {passes:.2f} times."
        for skipped in state.skipped_rows:
            n = sum(end - first for first, end in skipped["rows"])
            yield f"From step {skipped['from_step']:,} on, {n:,} rows were left out of training."


def read(facts: Facts, lk: "Lake | None") -> Data:
    """What is known of all mixtures of the lineage, each once, nearest first."""
    known: dict[str, tuple[str, Composition | None]] = {}
    for link in facts.lineage:
        for entry in link.data:
            key = entry["sequences"]
            if key not in known:
                found = in_lake.composition(lk, key) if lk else None
                known[key] = (lineage.mixture(entry), found)
    return Data(facts, lk is not None, known)


def _composition(found: Composition) -> Iterator[str]:
    recorded = found.mixture
    yield table(
        ["", ""],
        [
            ("mixture", recorded.name),
            ("recorded on", recorded.created_at.strftime("%Y-%m-%d")),
            ("documents", recorded.n_documents),
            ("tokens, each document once", recorded.n_tokens),
            ("SHA-256 of its SQL", recorded.sql_sha256),
            ("SHA-256 of its rows", recorded.digest),
        ],
    )
    yield "Parameters:"
    yield block(recorded.parameters, "json")
    unit = "bytes" if any(row["n_repeated_tokens"] is None for row in found.totals) else "tokens"
    head = ["component", "language", "source", "origin", "synthesizer"]
    head += ["documents", unit, f"{unit} drawn", "share"]
    yield table(head, _rows(found.totals, unit))
    if found.synthesizers:
        yield "Synthetic text, as a share of a language's bytes:"
        rows = [
            (row["lang"], row["synthesizer"], _percent(row["share"])) for row in found.synthesizers
        ]
        yield table(["language", "synthesizer", "share"], rows)
    else:
        yield "No document of it names a synthesizer."


def _rows(totals: list[dict[str, Any]], unit: str) -> list[tuple[Any, ...]]:
    drawn = [row[f"n_repeated_{unit}"] for row in totals]
    whole = None if None in drawn else sum(drawn)
    return [
        (
            *(row[key] for key in ("component", "lang", "source", "origin", "synthesizer")),
            row["n_documents"],
            row[f"n_{unit}"],
            n,
            _percent(n / whole if whole else None),
        )
        for row, n in zip(totals, drawn, strict=True)
    ]


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.1f} %"
