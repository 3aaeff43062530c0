"""Measure the groups of a lake on equal samples, and write what was found into `diversity`."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kormo_ds.diversity import candidates, measures, mixing, near
from kormo_ds.diversity.candidates import Found, Group
from kormo_ds.diversity.sample import Sample
from kormo_ds.diversity.settings import Settings
from kormo_ds.progress import Advance, silent

if TYPE_CHECKING:
    from lake import Lake

HIGHER = {**measures.HIGHER, "near_duplicates": False, "near_duplicates_across": False}
"""Measures of a sample; True where a higher value is more diverse."""


@dataclass(frozen=True)
class Measured:
    """One sample and its measures."""

    name: str
    """The group's, or 'mixture of 5, draw 1'."""
    sample: Sample
    values: dict[str, float]
    members: tuple[str, ...] = ()
    """Of a mixture: what is mixed."""
    alone: dict[str, float] | None = None
    """Of a mixture: the means of its members alone."""
    same_seeds: bool | None = None
    """Of a mixture: whether its members alone answer the same seeds."""


@dataclass(frozen=True)
class Result:
    """What was found."""

    settings: Settings
    found: Found
    groups: list[Measured]
    """Those with enough excerpts, by name."""
    too_small: list[Group]
    mixtures: list[Measured]
    n_not_mixed: int
    """Draws of which no equal shares were found."""


def run(lk: "Lake", settings: Settings, progress: Advance = silent) -> Result:
    """Measure and write; see `Settings`.

    Raises:
        BadInput: no document is asked for.
        BadQuery: DuckDB refuses `where` or `text`.
        NoTable: the lake has no documents.
        LakeLocked: another process is writing.
    """
    found = candidates.find(lk, settings, progress)
    result = measure(found, settings)
    lk.append("diversity", rows(result, lk.schema("diversity")))
    return result


def measure(found: Found, settings: Settings) -> Result:
    """The measures of groups and of their mixtures."""
    n = settings.n_documents
    samples = {group.name: mixing.alone(group, n) for group in found.groups}
    enough = {name: sample for name, sample in samples.items() if sample is not None}
    usable = [group for group in found.groups if group.name in enough]
    rates = near.rates(list(enough.values())) if enough else []
    groups = [
        Measured(
            name,
            sample,
            measures.measure(sample)
            | {"near_duplicates": within, "near_duplicates_across": across},
        )
        for (name, sample), (within, across) in zip(enough.items(), rates, strict=True)
    ]
    drawn = [mixing.mix(members, n) for members in _draws(usable, settings)]
    mixtures = [_mixture(one, number) for number, one in enumerate(drawn, start=1) if one]
    return Result(
        settings=settings,
        found=found,
        groups=groups,
        too_small=[group for group in found.groups if group.name not in enough],
        mixtures=mixtures,
        n_not_mixed=sum(one is None for one in drawn),
    )


def _draws(usable: list[Group], settings: Settings) -> Iterator[list[Group]]:
    """Members of each mixture, no two alike; all groups at once where there are too few to draw."""
    size = min(settings.mixed, len(usable))
    seen = set()
    for number in range(settings.draws if size > 1 else 0):
        members = mixing.draw(usable, size, number, settings.seed)
        names = tuple(group.name for group in members)
        if names not in seen:
            seen.add(names)
            yield members


def _mixture(one: mixing.Mixture, number: int) -> Measured:
    values, *alone = [_all(sample) for sample in (one.mixed, *one.alone)]
    means = {name: sum(each[name] for each in alone) / len(alone) for name in values}
    name = f"mixture of {len(one.members)}, draw {number}"
    return Measured(name, one.mixed, values, one.members, means, one.same_seeds)


def _all(sample: Sample) -> dict[str, float]:
    return measures.measure(sample) | {"near_duplicates": near.rates([sample])[0][0]}


def rows(result: Result, schema: pa.Schema) -> pa.Table:
    """Rows of the table `diversity`."""
    settings = result.settings
    about = {
        "facet": settings.group,
        "lang": settings.lang,
        "settings": json.dumps(asdict(settings), ensure_ascii=False, sort_keys=True),
        "documents_version": result.found.version,
        "created_at": datetime.now(UTC).replace(tzinfo=None),
    }
    made: list[dict[str, Any]] = []
    for one in [*result.groups, *result.mixtures]:
        sample = one.sample
        of = about | {
            "name": one.name,
            "members": list(one.members) or None,
            "same_seeds": one.same_seeds,
            "n_documents": sample.n_documents,
        }
        whole = {"n_words": sample.n_words, "n_bytes": sample.n_bytes}
        made += [
            of | whole | {"measure": name, "value": value, "alone": (one.alone or {}).get(name)}
            for name, value in one.values.items()
        ]
        made += [
            of | {"measure": "vocabulary", "value": float(types), "n_words": words}
            for words, types in measures.vocabulary(sample)
        ]
    made += [
        about
        | {"name": group.name, "measure": "too_small", "value": float(len(group.excerpts))}
        | {"n_documents": group.n_candidates}
        for group in result.too_small
    ]
    return pa.Table.from_pylist(made, schema=schema)
