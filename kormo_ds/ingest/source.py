"""A source: where its files are, and what is said of every document in them.

The same options come from a YAML file and from `name=value` words; words win. Every value is read
as text (a version 5.20 stays 5.20, the language `no` is Norwegian), so both forms mean the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kormo_ds.errors import BadConfig, BadInput, unknown
from kormo_ds.ingest.conversations import FORMS
from kormo_ds.ingest.packages import Package
from lake.tables import ORIGINS

REQUIRED = ("lang", "source", "origin")
PROVENANCE = (
    *REQUIRED,
    "kind",
    "url",
    "license",
    "parent_id",
    "synthesizer",
    "prompt_style",
    "prompt_id",
)
"""Columns of `documents` that take a constant, a column of the input, or both."""
COLUMNS = ("text", "messages", "source_id", *PROVENANCE, "meta")
LANG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""A language code: ISO 639 with further parts as in BCP 47."""

MOST = 100_000_000
"""Upper limit of the sizes: a chunk of text must stay under 2 GiB, the reach of its offsets."""


def _option(meaning: str, default: Any = "") -> Any:
    """A field with its meaning, which is also what docs/ingest.md says of it."""
    metadata = {"meaning": meaning}
    if isinstance(default, dict):
        return field(default_factory=lambda: MappingProxyType({}), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Source:
    """The options of one source. An empty text means: not given.

    Raises:
        BadConfig: values that contradict each other or are not allowed.
        UnknownName: a column that documents do not have.
    """

    path: str = _option("a file, folder or archive; in a YAML file, relative to that file's folder")
    package: Package | None = _option(
        "instead of `path`: a package of the Python package index, with `name`, `version`, `file` "
        "and `sha256`",
        None,
    )
    downloads: str = _option("folder that keeps downloaded packages", "data/downloads")
    lang: str = _option("language code of every document, e.g. `ko`")
    source: str = _option("name of the source, e.g. `fastapi`")
    origin: str = _option("`crawled`, `curated`, `synthetic` or `translated`")
    kind: str = _option("sort of text, e.g. `tech-doc`")
    url: str = _option("address of the source")
    license: str = _option("licence that the source states, e.g. `MIT`")
    parent_id: str = _option("`doc_id` of the document it was made from")
    synthesizer: str = _option("model that wrote the text; none where a person did")
    prompt_style: str = _option("style asked of the synthesizer")
    prompt_id: str = _option("prompt given to the synthesizer")
    columns: Mapping[str, str] = _option(
        "`columns.text=body`: which column of the input gives a column of documents; `a.b` is `b` "
        "inside `a`; `columns.meta=a,b` (or `*`: all others) keeps columns as JSON",
        {},
    )
    conversations: str = _option(
        "rows are conversations, in the form `openai`, `sharegpt` or `alpaca` "
        "([conversations.md](conversations.md)); `columns.messages` names another column of turns"
    )
    meta: Mapping[str, str] = _option("`meta.edition=2`: constants kept in the column meta", {})
    lang_by_path: Mapping[str, str] = _option(
        'YAML only: `{"docs/ko/*": ko, "docs/en/*": en}`; the first pattern that a file\'s path '
        "matches gives its language",
        {},
    )
    root: str = _option("folder inside the folder or archive that paths are counted from")
    include: tuple[str, ...] = _option(
        "patterns of paths to read, `*` crosses slashes; with commas, or a list in YAML", ()
    )
    exclude: tuple[str, ...] = _option("patterns of paths to leave out", ())
    max_chars: int = _option("longest text that is taken, in characters", 10_000_000)
    chunk_rows: int = _option("rows of one commit at most", 20_000)
    chunk_bytes: int = _option("bytes of text after which a commit is due", 64 << 20)

    def __post_init__(self) -> None:
        if (self.path == "") == (self.package is None):
            raise BadConfig(f"{self}: give either path or package")
        for column in self.columns:
            if column not in COLUMNS:
                raise unknown("option", f"columns.{column}", [f"columns.{c}" for c in COLUMNS])
        self._check_form()
        missing = [name for name in REQUIRED if not getattr(self, name) and not self._by_row(name)]
        if missing:
            ways = ", ".join(f"{name}=…" for name in missing)
            raise BadConfig(
                f"{self}: {' and '.join(missing)} not given; add {ways} "
                f"or take it from a column with columns.{missing[0]}=…"
            )
        if self.origin and self.origin not in ORIGINS:
            raise unknown("origin", self.origin, ORIGINS)
        for lang in (self.lang, *self.lang_by_path.values()):
            if lang and not LANG.fullmatch(lang):
                raise BadConfig(f"{self}: lang '{lang}' is not a language code such as ko or en")
        for name in ("max_chars", "chunk_rows", "chunk_bytes"):
            if not 1 <= getattr(self, name) <= MOST:
                raise BadConfig(f"{self}: {name}={getattr(self, name)} must be from 1 to {MOST}")

    def _check_form(self) -> None:
        """Refuse a column that the form of the rows does not have."""
        form, given = self.conversations, self.columns
        if form and form not in FORMS:
            raise unknown("option conversations", form, FORMS)
        if form and "text" in given:
            raise BadConfig(f"{self}: the text of conversations is their turns; no columns.text")
        if "messages" in given and not (form and FORMS[form].turns):
            forms = " or ".join(f"conversations={name}" for name in FORMS if FORMS[name].turns)
            raise BadConfig(f"{self}: columns.messages is for rows with turns; add {forms}")

    def __str__(self) -> str:
        """The path or package, as messages name it."""
        return str(self.package) if self.package else self.path or "source"

    def _by_row(self, name: str) -> bool:
        return name in self.columns or (name == "lang" and bool(self.lang_by_path))


OPTIONS = {option.name: option for option in fields(Source)}
"""The fields of `Source` by name; `metadata["meaning"]` says what each is."""


def given(source: Source) -> dict[str, Any]:
    """The options of `source` that differ from their defaults, ready for JSON."""
    values = {name: getattr(source, name) for name in OPTIONS}
    return {
        name: dict(value)
        if isinstance(value, Mapping)
        else str(value)
        if isinstance(value, Package)
        else value
        for name, value in values.items()
        if value and value != OPTIONS[name].default
    }


def parse(options: Mapping[str, Any], words: Mapping[str, str] | None = None) -> Source:
    """A source from nested options, e.g. of a YAML file, and `a.b=c` words over them.

    Raises:
        UnknownName: an option that does not exist.
        BadConfig: a value of the wrong form.
    """
    merged: dict[str, Any] = dict(options)
    for key, value in (words or {}).items():
        name, dot, inner = key.partition(".")
        if dot:
            outer = merged.get(name)
            merged[name] = {**(outer if isinstance(outer, Mapping) else {}), inner: value}
        else:
            merged[name] = value
    for name in merged:
        if name not in OPTIONS:
            raise unknown("option", name, OPTIONS)
    return Source(**{name: _typed(name, value) for name, value in merged.items()})


def read(path: Path, words: Mapping[str, str] | None = None) -> Source:
    """The source that a YAML file describes, with `a.b=c` words over it.

    Raises:
        BadInput: the file is not there or not YAML.
    """
    import yaml

    try:
        options = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(options, dict):
        raise BadInput(f"{path} must hold options as `name: value`; see docs/ingest.md")
    if isinstance(options.get("path"), str):
        options["path"] = str(path.parent / options["path"])
    try:
        return parse(options, words)
    except BadConfig as error:
        raise BadConfig(f"{path}: {error}") from error


def _typed(name: str, value: Any) -> Any:
    """`value` as the type of the option `name`."""
    default = OPTIONS[name].default
    if name == "package":
        return Package.parse(value)
    if name in ("columns", "meta", "lang_by_path"):
        if not isinstance(value, Mapping):
            raise BadConfig(f"option {name}={value}: needs names, such as {name}.NAME=VALUE")
        named = {key: ",".join(v) if isinstance(v, list) else str(v) for key, v in value.items()}
        return MappingProxyType(named)
    if isinstance(default, tuple):
        listed = value if isinstance(value, list) else str(value).split(",")
        return tuple(part.strip() for part in listed if part.strip())
    if not isinstance(value, str):
        raise BadConfig(f"option {name}: needs one value, not {value}")
    if isinstance(default, int):
        try:
            return int(value.replace("_", ""))
        except ValueError:
            raise BadConfig(f"option {name}={value}: needs a whole number") from None
    return "" if value in ("null", "~") else value  # YAML's words for nothing
