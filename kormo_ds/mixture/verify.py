"""Prove that a mixture is what it was: its rows as stored, and its query asked again."""

import lake
from kormo_ds.errors import Damaged
from kormo_ds.mixture import contract, selection
from kormo_ds.recorded import Mixture


def verify(lk: lake.Lake, mixture: Mixture) -> None:
    """Compare the recorded digest with the stored rows and with the query asked again at its tag.

    Cost: one read of the selection and one run of the query.

    Raises:
        Damaged: either differs; the message says which.
    """
    if not lk.exists(mixture.table):
        raise Damaged(f"the rows of {mixture.name} are gone from {lk.uri(mixture.table)}")
    stored = selection.Digest()
    for batch in lk.dataset(mixture.table).to_batches():
        stored.update(batch.cast(contract.SCHEMA))
    if stored.hexdigest() != mixture.digest:
        raise Damaged(
            f"the rows of {mixture.name} in {lk.uri(mixture.table)} were changed since they were "
            f"recorded: sha256 {stored.hexdigest()}, not {mixture.digest}"
        )
    again = selection.Digest()
    con = selection.select(lk, mixture.sql, mixture.mixture, mixture.parameters, mixture.tag)
    for batch in selection.rows(con):
        again.update(batch)
    if again.hexdigest() != mixture.digest:
        raise Damaged(
            f"the query of {mixture.name} gives other rows today: sha256 {again.hexdigest()}, not "
            f"{mixture.digest}; the stored rows are intact, so the query depends on more than "
            f"documents at tag {mixture.tag}"
        )
