"""What a lake holds of a checkpoint, for its card: its mixtures, and what was measured of it.

A mixture is described only where the lake has the very sequences that were trained on, by their
fingerprint: another lake's mixture of the same name says nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kormo_ds.recorded import Mixture, find

if TYPE_CHECKING:
    from lake import Lake

_NAMES = ("component", "lang", "source", "origin", "synthesizer")


@dataclass(frozen=True)
class Composition:
    """A recorded mixture and what it is made of."""

    mixture: Mixture
    totals: list[dict[str, Any]]
    """By component, language, source, origin, synthesizer: the largest first."""
    synthesizers: list[dict[str, Any]]
    """Each synthesizer's share of the bytes drawn of a language."""


def composition(lk: "Lake", sequences: str) -> Composition | None:
    """The mixture behind the sequences of this fingerprint; None where the lake has none."""
    if not lk.exists("sequences"):
        return None
    packed = lk.sql(
        "select distinct mixture from sequences where fingerprint = $fingerprint",
        fingerprint=sequences,
    ).fetchall()
    if not packed:
        return None
    found = find(lk, packed[0][0])
    key: dict[str, Any] = {"mixture": found.mixture, "version": found.version}
    here = "mixture = $mixture and version = $version"
    names = ", ".join(_NAMES)
    totals = lk.sql(
        f"select {names}, n_documents, n_bytes, n_tokens, n_repeated_bytes, n_repeated_tokens "
        f"from recorded_totals where {here} "
        f"order by n_repeated_tokens desc nulls last, n_repeated_bytes desc nulls last, {names}",
        **key,
    )
    voices = lk.sql(
        f"select lang, synthesizer, share from synthetic_share where {here} "
        "order by lang, share desc, synthesizer",
        **key,
    )
    return Composition(
        found, totals.to_arrow_table().to_pylist(), voices.to_arrow_table().to_pylist()
    )


def evals(lk: "Lake", run: str, checkpoint: str) -> list[dict[str, Any]]:
    """What evaluations found for this run and checkpoint; of a number found again, the newest."""
    if not lk.exists("evals"):
        return []
    about = "task, metric, lang, source, synthesizer"
    order = "task, metric, lang nulls first, source nulls first, synthesizer nulls first"
    found = lk.sql(
        f"select {about}, value, stderr, n_documents, created_at from evals "
        "where run = $run and checkpoint = $checkpoint qualify row_number() over "
        f"(partition by {about} order by created_at desc) = 1 order by {order}",
        run=run,
        checkpoint=checkpoint,
    )
    rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows
