"""A query is a file: a comment header that says what it means and takes, then one `select`.

    -- Documents that training may see.
    -- One row per document.
    -- param min_words  INTEGER = 20    words at least
    -- param lang       VARCHAR         language; required, for it has no default

    select doc_id from documents where n_words >= $min_words and lang = $lang

The first lines are the description. Parameters are DuckDB's own `$name`, bound and never pasted
into the text, so the file runs unchanged in any DuckDB. A default is a SQL literal and ends at two
spaces; the file's path is the query's name.

How a query wants to be shown stands between description and parameters, a word and what it says:

    -- page lake 3
    -- title Documents by language | 언어별 문서
    -- chart bar x=n_documents y=lang color=lang

These are the query's `facts`; what they mean is the business of whoever shows it. A column of
documents that need not be there is NULL where it is not, if a line says so:

    -- optional quality  FLOAT   score of the quality model
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lake.duck import bound, check_select, first_line, parameters, scratch
from lake.errors import BadContract, BadQuery, among

_PARAM = re.compile(
    r"--\s*param\s+(?P<name>[a-z_]\w*)\s+(?P<type>[A-Z][\w\[\]]*(\([^)]*\))?(\[\])?)"
    r"(\s*=\s*(?P<default>'(?:[^']|'')*'|\S+(?: \S+)*?))?(\s{2,}(?P<meaning>.*))?$"
)
_FACT = re.compile(r"--\s(?P<word>page|title|chart|control)\s+(?P<said>\S.*?)\s*$")


@dataclass(frozen=True)
class Param:
    """A declared parameter."""

    name: str
    type: str
    """DuckDB's name of the type, e.g. 'INTEGER'."""
    default: Any
    """The typed default, None if there is none."""
    meaning: str
    required: bool


@dataclass(frozen=True)
class Query:
    """One `.sql` file with its header read."""

    name: str
    description: str
    params: dict[str, Param]
    sql: str
    """The whole text, header included."""
    facts: tuple[tuple[str, str], ...] = ()
    """How it wants to be shown: a word of the header and what it says, in their order."""

    @property
    def sha256(self) -> str:
        """Hash of the whole text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @classmethod
    def read(cls, path: str | Path, name: str | None = None) -> "Query":
        """Read a file; its name is the file's stem unless one is given.

        Raises:
            BadQuery: no such file, no description, a parameter line that cannot be read, a
                parameter that is used and not declared or declared and not used, or anything but
                one `select`.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, IsADirectoryError):
            raise BadQuery(f"no query file {path}") from None
        except UnicodeDecodeError as error:
            raise BadQuery(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
        try:
            return cls.parse(text, name or path.stem)
        except BadQuery as error:
            raise BadQuery(f"{path}: {error}") from error

    @classmethod
    def parse(cls, text: str, name: str) -> "Query":
        """Read a query from its text; see `read`."""
        header = []
        for line in text.splitlines():
            if line.strip() and not line.startswith("--"):
                break
            header.append(line)
        params = {}
        description = []
        facts = []
        for line in header:
            if (fact := _FACT.match(line)) is not None:
                facts.append((fact["word"], fact["said"]))
            elif re.match(r"--\s*param\b", line):
                param = _param(line)
                params[param.name] = param
            elif re.match(r"--\s*optional\b", line):
                continue
            elif line.startswith("--") and not params:
                description.append(line.removeprefix("--").strip())
        if not any(description):
            raise BadQuery("the first comment lines must say what the query means")
        check_select(text)
        used = parameters(text)
        for odd, what in (
            (used - set(params), "is used but not declared"),
            (set(params) - used, "is declared but not used"),
        ):
            if odd:
                raise BadQuery(
                    f"parameter ${min(odd)} {what}; write: -- param NAME TYPE = default  meaning"
                )
        return cls(name, "\n".join(description).strip(), params, text, tuple(facts))

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A typed value for every parameter, from `given` (text or Python values) and defaults.

        Raises:
            BadQuery: an unknown parameter, a missing one, or a value that its type refuses.
        """
        for name in given:
            if name not in self.params:
                raise BadQuery(
                    f"query {self.name} has no parameter '{name}'; {among(name, self.params)}"
                )
        values = {}
        for name, param in self.params.items():
            if name not in given:
                if param.required:
                    raise BadQuery(
                        f"query {self.name} needs {name}=… ({param.type}: {param.meaning})"
                    )
                values[name] = param.default
                continue
            try:
                values[name] = _cast(given[name], param.type)
            except duckdb.Error as error:
                raise BadQuery(f"parameter {name}={given[name]}: {first_line(error)}") from error
        return values

    def run(
        self,
        con: duckdb.DuckDBPyConnection,
        given: Mapping[str, Any] | None = None,
        contract: Mapping[str, str] | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """The query's relation on a connection.

        Args:
            con: a connection from `Lake.connect`.
            given: values for parameters.
            contract: column names and DuckDB types that the result must have, in this order.

        Raises:
            BadQuery: DuckDB refuses it.
            BadContract: the result has other columns.
        """
        values = self.values(given or {})
        try:
            relation = bound(con, self.sql, values)
        except BadQuery as error:
            raise BadQuery(f"query {self.name}: {error}") from error
        if contract is not None:
            got = dict(zip(relation.columns, map(str, relation.types), strict=True))
            if got != dict(contract) or list(got) != list(contract):
                raise BadContract(
                    f"query {self.name} must return ({_shape(contract)}); "
                    f"it returns ({_shape(got)})"
                )
        return relation


def _shape(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {type_}" for name, type_ in columns.items())


def _param(line: str) -> Param:
    match = _PARAM.match(line.rstrip())
    if match is None:
        raise BadQuery(
            f"cannot read '{line.strip()}'; write: -- param NAME TYPE = default  meaning"
        )
    text = match["default"]
    try:
        default = None if text is None else _cast_sql(text, match["type"])
    except duckdb.Error as error:
        raise BadQuery(f"'{line.strip()}': {first_line(error)}") from error
    return Param(
        name=match["name"],
        type=match["type"],
        default=default,
        meaning=(match["meaning"] or "").strip(),
        required=text is None,
    )


def _cast_sql(literal: str, type_: str) -> Any:
    return scratch().execute(f"select cast({literal} as {type_})").fetchall()[0][0]


def _cast(value: Any, type_: str) -> Any:
    return scratch().execute(f"select cast($value as {type_})", {"value": value}).fetchall()[0][0]
