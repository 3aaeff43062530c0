"""One run's folder as rows of the tables in `run_columns`; looked at anew each time.

A folder may be of a run that is training now, was killed, or was written by an older version: what
is there is shown, and what cannot be read is counted in `n_unreadable`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from kormo_ds.dashboard import run_files
from kormo_ds.dashboard.run_columns import TABLES
from kormo_ds.dashboard.run_files import Grown
from kormo_ds.run_record import lineage, lines, manifest
from kormo_ds.run_record.state import State
from kormo_ds.trace.step import row_losses

_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FRESH = 120.0
"""Seconds after a write for which a run counts as training; its lock tells on its machine only."""
SETTINGS = (
    "seed",
    "optim.lr",
    "train.tokens_per_step",
    "train.precision",
    "model.n_layers",
    "model.hidden_size",
    "model.vocab_size",
)
"""Settings that are columns of run_list, by the last word of their key."""


class Folder:
    """The folder of one run; not safe for several threads at once.

    Args:
        name: what the run is called in the tables.
        path: the folder.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self._settings: dict[str, Any] = {}
        self._stamp: tuple[int, int] | None = None
        self._states: dict[Path, tuple[int, State | None]] = {}
        self._validated: tuple[pa.Table, pa.Table, pa.Table] | None = None
        self._steps = self._grown("run_steps", lines.METRICS, self._step)
        self._validation = self._grown("run_validation", lines.VALIDATION, self._groups)
        self._spikes = self._grown("run_spikes", lines.SPIKES, self._spike)
        self._spike_rows = self._grown("run_spike_rows", lines.SPIKES, self._spike_row)

    def run_steps(self) -> pa.Table:
        """Of metrics.jsonl."""
        return self._steps.look()

    def run_validation(self) -> pa.Table:
        """Of validation.jsonl, with the tokens of metrics.jsonl."""
        plain, steps = self._validation.look(), self._steps.look()
        kept = self._validated
        if kept is None or kept[0] is not plain or kept[1] is not steps:
            kept = self._validated = (plain, steps, _with_tokens(plain, steps))
        return kept[2]

    def run_spikes(self) -> pa.Table:
        """Of spikes.jsonl."""
        return self._spikes.look()

    def run_spike_rows(self) -> pa.Table:
        """Of spikes.jsonl, for the sequences that the settings name now."""
        before, now = self._settings, self.settings()
        if before is not now:
            self._spike_rows = self._grown("run_spike_rows", lines.SPIKES, self._spike_row)
        return self._spike_rows.look()

    def run_checkpoints(self) -> list[dict[str, Any]]:
        """Of checkpoints.jsonl and what stands in the folder; reads the state of new ones."""
        found: dict[str, dict[str, Any]] = {}
        for line in lines.read(self.path / lines.CHECKPOINTS):
            folder = manifest.folder_of(self.path / "checkpoints", line["step"] + 1)
            found[folder.name] = {
                "steps": line["step"] + 1,
                "state": "removed",
                "seconds": line.get("checkpoint_save_s"),
                "n_bytes": line.get("checkpoint_bytes"),
                "path": str(folder),
            }
        for folder, is_complete in self._checkpoints():
            state = self._state(folder) if is_complete else None
            here = {
                "steps": manifest.step_of(folder),
                "tokens": state.tokens if state else None,
                "state": "complete" if is_complete else "incomplete",
                "path": str(folder),
            }
            found[folder.name] = found.get(folder.name, {}) | here
        rows = [{"run": self.name, "checkpoint": name} | row for name, row in found.items()]
        return sorted(rows, key=lambda row: row["steps"])

    def run_lineage(self) -> list[dict[str, Any]]:
        """Of the state of the newest complete checkpoint."""
        newest = self._newest()
        state = self._state(newest) if newest else None
        if newest is None or state is None:
            return []
        try:
            links = lineage.of(newest, state)
        except (KeyError, TypeError, ValueError, AttributeError):
            return []
        return [
            {
                "run": self.name,
                "checkpoint": newest.name,
                "generation": i,
                "ancestor_run": link.run,
                "ancestor_checkpoint": link.checkpoint,
                "steps": link.steps,
                "tokens": link.tokens,
                "mixture": link.mixtures() or None,
                "passed": ", ".join(link.passed) or None,
            }
            for i, link in enumerate(links)
        ]

    def run_list(self) -> list[dict[str, Any]]:
        """The run as one row."""
        settings, steps = self.settings(), self._steps.look()
        newest = self._newest()
        state = self._state(newest) if newest else None
        losses = pc.drop_null(steps["loss"])
        done = steps["step"][-1].as_py() + 1 if steps.num_rows else state.step if state else 0
        planned = _at(settings, "train.steps")
        written = self._written()
        data = state.data[-1] if state and state.data else {}
        zero = "deepspeed.zero_optimization.stage"
        row = {
            "run": self.name,
            "folder": str(self.path),
            "state": self._is(done, planned, written),
            "steps_done": done,
            "steps_planned": planned,
            "tokens": steps["tokens"][-1].as_py() if steps.num_rows else None,
            "last_loss": losses[-1].as_py() if len(losses) else None,
            "sequences": self._sequences(),
            "fingerprint": state.sequences if state else None,
            "mixture": data.get("mixture") or None,
            "handover": _at(settings, "handover.run") or None,
            "schedule": _at(settings, "schedule.kind"),
            "zero_stage": _at(settings, zero),
            "written_at": datetime.fromtimestamp(written, UTC).replace(tzinfo=None),
            "n_unreadable": self._n_unreadable(),
        }
        return [row | {key.split(".")[-1]: _at(settings, key) for key in SETTINGS}]

    def settings(self) -> dict[str, Any]:
        """run.yaml as it stands there, whatever version wrote it; {} where it cannot be read."""
        path = self.path / "run.yaml"
        try:
            found = path.stat()
            if (found.st_ino, found.st_mtime_ns) != self._stamp:
                self._stamp = (found.st_ino, found.st_mtime_ns)
                read = yaml.load(path.read_bytes(), Loader=_YAML)
                self._settings = read if isinstance(read, dict) else {}
        except (OSError, ValueError, yaml.YAMLError):
            self._stamp = None
            if self._settings:
                self._settings = {}
        return self._settings

    def _grown(
        self,
        table: str,
        file: str,
        rows: Callable[[dict[str, Any]], Iterator[Mapping[str, Any]]],
    ) -> Grown:
        return Grown(self.path / file, TABLES[table].schema, rows)

    def _step(self, line: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield line | {"run": self.name}

    def _groups(self, line: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        sizes = line.get("n_bytes", {})
        for group, bpb in line["bpb"].items():
            kind, _, name = group.partition("=")
            named = {"kind": kind, "name": name or kind}
            row = {"run": self.name, "step": line["step"], "bpb": bpb}
            yield row | named | {"n_bytes": sizes.get(group)}

    def _spike(self, line: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield line | {"run": self.name, "n_rows": sum(1 for _ in row_losses(line))}

    def _spike_row(self, line: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        here = {"run": self.name, "step": line["step"], "sequences": self._sequences()}
        for row, loss, n in row_losses(line):
            yield here | {"row": row, "loss": loss, "n_scored": n}

    def _sequences(self) -> str | None:
        folder = _at(self.settings(), "data.sequences")
        return folder.rstrip("/").rsplit("/", 1)[-1] if isinstance(folder, str) else None

    def _checkpoints(self) -> list[tuple[Path, bool]]:
        """Folders of checkpoints, and whether each is complete."""
        found = run_files.listed(self.path / "checkpoints")
        numbered = (one for one in found if one.name.removeprefix("step-").isdigit())
        return [(one, (one / manifest.MANIFEST).exists()) for one in numbered]

    def _newest(self) -> Path | None:
        complete = [folder for folder, is_complete in self._checkpoints() if is_complete]
        return max(complete, key=manifest.step_of, default=None)

    def _state(self, folder: Path) -> State | None:
        """The state of a complete checkpoint, read once; None where it cannot be read."""
        try:
            stamp = (folder / manifest.MANIFEST).stat().st_mtime_ns
        except OSError:  # removed meanwhile
            return None
        kept = self._states.get(folder)
        if kept is None or kept[0] != stamp:
            try:
                read = State.read(folder)
            except (OSError, ValueError, TypeError):
                read = None
            kept = self._states[folder] = (stamp, read)
        return kept[1]

    def _written(self) -> float:
        """When the run last wrote a line, or its settings."""
        times = [0.0]
        for name in (lines.METRICS, "run.yaml"):
            try:
                times.append((self.path / name).stat().st_mtime)
            except OSError:
                continue
        return max(times)

    def _is(self, done: int, planned: Any, written: float) -> str:
        if run_files.is_held(self.path / "lock"):
            return "training"
        if isinstance(planned, int) and done >= planned:
            return "ended"
        return "training" if time.time() - written < FRESH else "stopped"

    def _n_unreadable(self) -> int:
        for grown in (self._validation, self._spikes):
            grown.look()
        read = (self._steps, self._validation, self._spikes)
        states = sum(self._state(folder) is None for folder, whole in self._checkpoints() if whole)
        return sum(grown.n_unreadable for grown in read) + states + (not self.settings())


def _with_tokens(validation: pa.Table, steps: pa.Table) -> pa.Table:
    """Validations with the tokens that were seen when they were made."""
    wanted = steps.filter(pc.is_in(steps["step"], pc.unique(validation["step"])))
    tokens = dict(zip(wanted["step"].to_pylist(), wanted["tokens"].to_pylist(), strict=True))
    seen = pa.array([tokens.get(step) for step in validation["step"].to_pylist()], pa.int64())
    place = validation.schema.get_field_index("tokens")
    return validation.set_column(place, validation.schema.field(place), seen)


def _at(settings: Any, key: str) -> Any:
    """A setting by its dotted key; None where it is not there."""
    for word in key.split("."):
        settings = settings.get(word) if isinstance(settings, dict) else None
    return settings
