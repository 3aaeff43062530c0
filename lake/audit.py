"""An audit is a query that selects the bad rows: none may come back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lake.duck import connect
from lake.errors import BadQuery
from lake.query import Query

if TYPE_CHECKING:
    from lake.lake import Lake

SHOWN = 5


@dataclass(frozen=True)
class AuditResult:
    """What one audit found."""

    name: str
    n_bad: int
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    """The first bad rows."""
    skipped: str = ""
    """Why it could not be asked yet: the columns it looks at are not computed."""

    @property
    def ok(self) -> bool:
        """No bad row; an audit that could not be asked is not ok and not bad."""
        return not self.n_bad and not self.skipped


def run_audits(lk: "Lake", queries: Iterable[Query]) -> list[AuditResult]:
    """Ask all audits of a lake, with the defaults of their parameters."""
    results = []
    for query in queries:
        try:
            relation = query.run(connect(lk, mentioned=query.sql))
        except BadQuery as error:
            results.append(AuditResult(query.name, 0, skipped=str(error)))
            continue
        n_bad = int(relation.count("*").fetchall()[0][0])
        results.append(
            AuditResult(
                query.name,
                n_bad,
                tuple(relation.columns),
                tuple(relation.limit(SHOWN).fetchall()),
            )
        )
    return results
