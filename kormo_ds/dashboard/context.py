"""What every page has at hand: the lake, who asks it, the language, the colours of its names."""

import contextlib
import functools
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

import lake
from kormo_ds.dashboard import labels, run_tables
from kormo_ds.dashboard.ask import Asker
from kormo_ds.dashboard.colours import Colours
from kormo_ds.dashboard.panel import PAGES, Control, Panel, first, of_page

NAMES = ("lang", "source", "origin", "kind", "synthesizer")
"""Columns of documents whose values are names with a colour."""
NEWEST = 5
"""Runs that are drawn until one chooses others."""
AT_ONCE = 2
"""Questions of one page that are asked at the same time."""


@dataclass(frozen=True)
class Context:
    """One for a server; `speaking` gives it to a session in its language."""

    lk: lake.Lake
    asker: Asker
    runs: Path | None
    """The folder of run folders; None where the lake is remote and none is named."""
    language: str = "en"
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))

    def say(self, key: str, **values: object) -> str:
        """A text of `labels` in the session's language."""
        return labels.say(key, self.language, **values)

    def titled(self, panel: Panel) -> str:
        """A panel's title in the session's language."""
        return panel.titles[self.language == "ko"]

    def names(self) -> Mapping[str, list[str]]:
        """All names of the lake by column; nothing where the lake is empty."""
        listed = ", ".join(
            f"list(distinct {name} order by {name}) filter (where {name} is not null) as {name}"
            for name in NAMES
        )
        try:
            row = self.asker.ask(f"select {listed} from document_groups").table.to_pylist()[0]
        except lake.LakeError:
            return {}
        return {name: values or [] for name, values in row.items()}

    def colours(self) -> Colours:
        """The colour of every name."""
        return Colours(
            {**self.names(), "run": self.listed("select run from run_list order by run")}
        )

    def choices(self, name: str) -> list[str]:
        """What a control named `choice NAME` offers, in order.

        Args:
            name: words with commas between them, or 'languages', 'sources', 'origins', 'kinds',
                'synthesizers', 'tokenizers', 'measures', 'integers' (columns), 'mixtures',
                'runs', 'steps', 'metrics', 'diversities' (measures of diversity).
        """
        if "," in name:
            return [word.strip() for word in name.split(",")]
        columns = {"languages": "lang"} | {f"{one}s": one for one in NAMES[1:]}
        if name in columns:
            return list(self.names().get(columns[name], []))
        schema = self.lk.schema("documents").names
        if name == "tokenizers":
            return sorted(one[len("n_tokens_") :] for one in schema if one.startswith("n_tokens_"))
        if name == "measures":
            tokens = ["tokens"] if any(one.startswith("n_tokens_") for one in schema) else []
            return [*tokens, *(["bytes"] if "n_bytes" in schema else []), "documents"]
        if name == "integers":
            fields = self.lk.schema("documents")
            return sorted(one.name for one in fields if pa.types.is_integer(one.type))
        if name == "steps":
            return sorted(one[: -len("_reason")] for one in schema if one.endswith("_reason"))
        return self.listed(
            {
                "mixtures": "select distinct mixture from mixtures order by mixture",
                "runs": "select run from run_list order by written_at desc, run",
                "metrics": "select distinct metric from evals order by metric",
                "diversities": "select distinct measure from diversity "
                "where measure <> 'vocabulary' order by measure",
            }[name]
        )

    def defaults(self, panel: Panel) -> dict[str, Any]:
        """What a panel's controls say before anyone touches them."""
        return {control.param: self.default(panel, control) for control in panel.controls}

    def default(self, panel: Panel, control: Control) -> Any:
        """The parameter's default; of measures and tokenizers the first, of runs the newest."""
        value = panel.query.params[control.param].default
        if control.kind == "several" and control.choices == "runs" and not value:
            return self.choices("runs")[:NEWEST]
        if control.choices in ("measures", "tokenizers"):
            return next(iter(self.choices(control.choices)), value)
        return value

    def listed(self, text: str) -> list[str]:
        """The first column of an answer; empty where it cannot be asked yet."""
        try:
            return [str(v) for v in self.asker.ask(text).table.column(0).to_pylist() if v]
        except lake.LakeError:
            return []

    def warm(self) -> None:
        """Ask what the first page shows before anyone opens it."""
        self.ask_ahead((panel, self.defaults(panel)) for panel in first(of_page(PAGES[0])))
        self.colours()

    def ask_ahead(self, asked: Iterable[tuple[Panel, Mapping[str, Any]]]) -> None:
        """Begin to ask what a page is about to show, so that its panels wait together."""
        for panel, values in asked:
            self.pool.submit(self._ahead, panel, dict(values))

    def _ahead(self, panel: Panel, values: dict[str, Any]) -> None:
        with contextlib.suppress(lake.LakeError):  # the panel asks again and shows it
            self.asker.query(panel.query, values)


@functools.cache
def shared(root: str, runs: str) -> Context:
    """The one context of this process for a lake."""
    return opened(lake.open(root), runs)


def opened(lk: lake.Lake, runs: str, language: str = "en") -> Context:
    """The context of a lake, with the tables of the run folders in `runs` ('' for none)."""
    folder = Path(runs) if runs else None
    return Context(lk, Asker(lk, run_tables.tables(lk, folder)), folder, language)
