"""A data lake: Lance tables that know who wrote each column, asked in SQL through DuckDB.

    import lake
    lk = lake.open("data/lake")
    lk.sql("select lang, count(*) as n from documents group by all").pl()

Names are loaded when first used, so `import lake` itself costs a few milliseconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lake.audit import AuditResult as AuditResult
    from lake.audit import run_audits as run_audits
    from lake.column import Column as Column
    from lake.column import Step as Step
    from lake.describe import describe as describe
    from lake.errors import BadContract as BadContract
    from lake.errors import BadQuery as BadQuery
    from lake.errors import BadRows as BadRows
    from lake.errors import ColumnTaken as ColumnTaken
    from lake.errors import LakeError as LakeError
    from lake.errors import LakeLocked as LakeLocked
    from lake.errors import NoColumn as NoColumn
    from lake.errors import NoLake as NoLake
    from lake.errors import NoTable as NoTable
    from lake.errors import NoVersion as NoVersion
    from lake.fill import Filled as Filled
    from lake.fingerprint import fingerprint as fingerprint
    from lake.lake import Lake as Lake
    from lake.query import Param as Param
    from lake.query import Query as Query
    from lake.root import create as create
    from lake.root import open as open  # noqa: A004

_HOME = {
    "audit": ("AuditResult", "run_audits"),
    "column": ("Column", "Step"),
    "describe": ("describe",),
    "errors": (
        "BadContract",
        "BadQuery",
        "BadRows",
        "ColumnTaken",
        "LakeError",
        "LakeLocked",
        "NoColumn",
        "NoLake",
        "NoTable",
        "NoVersion",
    ),
    "fill": ("Filled",),
    "fingerprint": ("fingerprint",),
    "lake": ("Lake",),
    "query": ("Param", "Query"),
    "root": ("create", "open"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'lake' has no attribute {name!r}")
    value = getattr(import_module(f"lake.{_WHERE[name]}"), name)
    globals()[name] = value
    return value
