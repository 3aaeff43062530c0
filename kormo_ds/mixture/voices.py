"""A mixture's synthetic Korean comes from several synthesizers, unless a parameter names the one.

KORMo's second stage collapsed when one model had written its Korean part (arXiv 2510.09426, section
4.3). What is too much, and of what, is said once, in the audit `synthesizer_diversity`: it is asked
here of what is about to be recorded. The way to allow it is a parameter that the query declares and
uses, so that the record holds the name:

    -- param one_synthesizer  VARCHAR  the one synthesizer of the Korean part
"""

import duckdb
import pyarrow as pa

from kormo_ds import project
from lake import BadContract, Query

AUDIT = "synthesizer_diversity"


def check(totals: pa.Table, name: str, version: int, parameters: str) -> None:
    """Ask the audit of one mixture.

    Args:
        totals: what it is made of, the columns of `mixture_totals` but for its name and version.
        name: the mixture's name.
        version: the version that it would be recorded as.
        parameters: all parameters, as a JSON object.

    Raises:
        BadContract: one synthesizer wrote too much; the message says how much, and the ways out.
    """
    audit = Query.read(project.file("audit", AUDIT, "sql/audits", ".sql"))
    with duckdb.connect() as con:
        con.register("recorded_totals", of_mixture(totals, name, version))
        record = {"mixture": [name], "version": [version], "parameters": [parameters]}
        con.register("mixtures", pa.table(record))
        bad = audit.run(con).to_arrow_table().to_pylist()
    if bad:
        lang, limit = (audit.params[one].default for one in ("lang", "limit"))
        said = ", ".join(f"{100 * row['share']:.0f} % by '{row['synthesizer']}'" for row in bad)
        raise BadContract(
            f"mixture {name}: of what models wrote in lang={lang}, {said}, more than "
            f"{100 * limit:.0f} % by one synthesizer; take others in or repeat it less, or name it "
            f"by a parameter that the query uses, as sql/mixtures/stage2_one_synthesizer.sql does: "
            f"-- param one_synthesizer VARCHAR = '{bad[0]['synthesizer']}'  MEANING"
        )


def of_mixture(totals: pa.Table, name: str, version: int) -> pa.Table:
    """Rows of `mixture_totals` from those of one mixture."""
    n = len(totals)
    totals = totals.append_column("mixture", pa.array([name] * n, pa.string()))
    return totals.append_column("version", pa.array([version] * n, pa.int32()))
