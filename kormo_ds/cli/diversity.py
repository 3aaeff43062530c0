"""`kormo diversity`: how varied what each synthesizer wrote is, alone and mixed."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.cli import args
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.diversity import Measured, Result

HEADS = {
    "distinct_1": "distinct 1",
    "distinct_2": "2",
    "distinct_3": "3",
    "distinct_4": "4",
    "compression_ratio": "compression",
    "self_bleu": "self-BLEU",
    "heaps_exponent": "Heaps",
    "near_duplicates": "near dup.",
    "near_duplicates_across": "across",
}
"""Heads of columns by measure."""


def diversity(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="group=synthesizer lang=ko words=20000 excerpt=100 where='…'",
            metavar="[SETTING=VALUE]...",
        ),
    ] = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
) -> None:
    """Compare groups of documents on equal samples, one alone with several mixed.

    group= is synthesizer, style, prompt, source or seed_pool. The numbers go into the table
    diversity. Higher is more diverse in distinct n-grams and Heaps' exponent, lower in the others.
    """
    import lake as lakes
    from kormo_ds import progress
    from kormo_ds.diversity import Settings, run

    names, values = args.split(words or [])
    if names:
        raise BadInput(f"'{names[0]}' is no setting; write it as name=value: group=style")
    settings = args.settings(Settings, values)
    lk = lakes.open(lake)
    with progress.bar("reading groups", unit="groups") as advance:
        result = run(lk, settings, advance)
    typer.echo(summary(result))


def summary(result: "Result") -> str:
    """What was found, as text for a terminal."""
    from kormo_ds.cli.show import table

    settings, found = result.settings, result.found
    lines = [
        f"{len(found.groups)} groups by {settings.group} in lang={settings.lang}; samples of "
        f"{settings.n_documents:,} documents, the first {settings.excerpt} words of each"
    ]
    if result.groups:
        lines.append(table([settings.group, *HEADS.values()], map(_row, result.groups)))
    if result.too_small:
        lines.append(f"{len(result.too_small)} groups are too small and not measured:")
        head = [settings.group, "documents", "long enough", "too short", "more of a seed"]
        lines.append(
            table(
                head,
                [
                    (g.name, g.n_candidates, len(g.excerpts), g.n_short, g.n_more)
                    for g in result.too_small
                ],
            )
        )
    lines += _left_out(result)
    if result.mixtures:
        lines += _mixed(result)
    elif settings.mixed:
        lines.append("no mixture: that needs two groups that are large enough")
    return "\n".join(lines)


def _row(one: "Measured") -> list[Any]:
    return [one.name, *(one.values.get(measure) for measure in HEADS)]


def _left_out(result: "Result") -> list[str]:
    """Documents that are in no sample for a reason that is not chance."""
    enough = [g for g in result.found.groups if g not in result.too_small]
    n_short, n_read = sum(g.n_short for g in enough), sum(g.n_read for g in enough)
    n_more = sum(g.n_more for g in enough)
    lines = []
    if n_short:
        lines.append(f"{n_short:,} of {n_read:,} documents read are shorter than an excerpt")
    if n_more:
        lines.append(f"{n_more:,} documents are left out, since their seed gave others: per_seed=")
    if result.found.n_unnamed:
        lines.append(f"{result.found.n_unnamed:,} documents have no {result.settings.group}")
    if result.n_not_mixed:
        lines.append(f"{result.n_not_mixed} mixtures could not be drawn in equal shares")
    return lines


def _mixed(result: "Result") -> list[str]:
    """Each measure of the mixtures beside the mean of their members alone."""
    from kormo_ds.cli.show import table
    from kormo_ds.diversity import HIGHER

    mixtures = result.mixtures
    same = sum(bool(one.same_seeds) for one in mixtures)
    rows = []
    for measure, is_better in HIGHER.items():
        pairs = [
            (one.alone[measure], one.values[measure])
            for one in mixtures
            if one.alone and measure in one.values
        ]
        if pairs:
            means = [sum(values) / len(pairs) for values in zip(*pairs, strict=True)]
            gains = [mixed - alone if is_better else alone - mixed for alone, mixed in pairs]
            rows.append((measure, *means, sum(g > 0 for g in gains), sum(g < 0 for g in gains)))
    return [
        f"{len(mixtures)} mixtures of {len(mixtures[0].members)} in equal amounts, beside the "
        f"same groups alone; asked the same seeds: {same} of {len(mixtures)}",
        table(["measure", "alone", "mixed", "draws more diverse", "less"], rows),
    ]
