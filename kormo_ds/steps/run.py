"""Run steps together: one scan of the documents, each step after those whose columns it reads.

Words are found once a batch for all steps that count them. What was computed before is not
computed again, and a run that was killed goes on where it had committed.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kormo_ds.errors import BadInput
from kormo_ds.progress import Advance, silent
from kormo_ds.steps import STEPS
from kormo_ds.steps.step import Step
from kormo_ds.steps.words import SHARED
from lake.provenance import owner

if TYPE_CHECKING:
    from lake import Lake
    from lake.fill import Filled

DOCUMENTS = "documents"


def run(lk: "Lake", steps: Sequence[Step], progress: Advance = silent) -> "Filled":
    """Compute the columns of `steps` for all documents that lack them.

    Returns:
        How many rows were computed and were there before, and the counts of each `*_reason`.

    Raises:
        BadInput: a step reads a column that is not there, or not for all documents.
        KormoError: a model or tokenizer that cannot be used.
        LakeError: no documents, a column of another owner, another writer.
    """
    with lk.lock(f"run {', '.join(step.name for step in steps)}"):
        schema = lk.dataset(DOCUMENTS).schema
        plan = ordered([step.at(lk) for step in steps], schema.names)
        _check_complete(lk, plan)
        return lk.fill(DOCUMENTS, plan, progress)


def ordered(steps: Sequence[Step], columns: Sequence[str]) -> list[Step]:
    """The steps in an order in which each finds what it reads, the shared words among them.

    Args:
        steps: in any order; one of a name and setting given twice runs once.
        columns: those that the documents have.

    Raises:
        BadInput: a column that neither the documents have nor any of the steps writes.
    """
    waiting = list(dict.fromkeys(steps))
    for column, shared in SHARED.items():
        if any(column in step.reads for step in waiting):
            waiting.append(shared())
    given = set(columns) - {column.name for step in waiting for column in step.writes}
    plan: list[Step] = []
    while waiting:
        coming = {column.name for step in waiting for column in step.writes}
        for step in waiting:
            for name in step.reads:
                if name not in given | coming:
                    raise BadInput(_missing(step, name, given))
        following = next(step for step in waiting if not coming & set(step.reads))
        waiting.remove(following)
        given |= {column.name for column in following.writes}
        plan.append(following)
    return plan


def writers() -> dict[str, str]:
    """The step that writes a column, by the column's documented name."""
    return {column.name: name for name, step in STEPS.items() for column in step.columns}


def _missing(step: Step, name: str, given: set[str]) -> str:
    if name in writers():
        way_out = f"{writers()[name]} writes it: kormo step run {writers()[name]} {step.name}"
    else:
        way_out = f"the documents have: {', '.join(sorted(given))}"
    return f"step {step.name} reads column '{name}', which is not there; {way_out}"


def _check_complete(lk: "Lake", plan: Sequence[Step]) -> None:
    dataset = lk.dataset(DOCUMENTS)
    made = {column.name for step in plan for column in step.writes}
    for step in (step for step in plan if type(step) not in SHARED.values()):
        for name in step.reads:
            by = owner(dataset.schema.field(name)) if name not in made else None
            n = dataset.count_rows(f"`{name}` is null") if by else 0
            if by and n:
                raise BadInput(
                    f"step {step.name} reads column '{name}', which is not computed yet for {n:,} "
                    f"of {dataset.count_rows():,} documents; run both: kormo step run {by.step} "
                    f"{step.name}"
                )
