"""What was scored already: one line an answer, kept while an evaluation goes on.

    <run folder>/evals/step-000100-3f2a….jsonl    {"key": "9b1c…", "value": [-3.2, true]}

The file belongs to one checkpoint, by its manifest, and a key to one request, by its tokens and
settings: a killed evaluation that is begun again asks only what is left, and so does another one
that asks the same. Lines are appended whole after each forward pass. A last line that a kill
cut off is no answer. (The harness's own cache knows neither the model nor what a kill left.)
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from kormo_ds.run_record import manifest


class Key:
    """The name of a request."""

    @staticmethod
    def of(*parts: Any) -> str:
        """A hash of all that the answer depends on, but for the model.

        >>> Key.of("likelihood", [1], [2], 32)
        'aaef9208bb4740a78a9cc78651d33ef2'
        """
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


class Journal:
    """The answers of one checkpoint; without a path they are kept in memory alone."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._known: dict[str, Any] = {}
        self.n_read = 0
        """Answers that were there before."""
        if path and path.exists():
            self._read(path)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> Any:
        return self._known[key]

    def add(self, found: dict[str, Any]) -> None:
        """Keep the answers of one pass."""
        self._known |= found
        if self.path is None or not found:
            return
        lines = [json.dumps({"key": key, "value": value}) for key, value in found.items()]
        with self.path.open("a", encoding="utf-8") as out:
            out.write("".join(f"{line}\n" for line in lines))

    def _read(self, path: Path) -> None:
        content = path.read_bytes()
        for line in content.splitlines():
            try:
                one = json.loads(line)
                self._known[one["key"]] = one["value"]
            except (ValueError, KeyError, TypeError):  # cut off by a kill
                continue
        self.n_read = len(self._known)
        if content and not content.endswith(b"\n"):
            with path.open("ab") as out:
                out.write(b"\n")


def of_checkpoint(run_folder: Path, checkpoint: Path, weights: str, kind: str) -> Journal:
    """The journal of a checkpoint's answers.

    Args:
        run_folder: where the run is; a folder `evals` is made in it.
        checkpoint: the checkpoint's folder.
        weights: 'trained' or 'init'.
        kind: device and precision, since both change a likelihood's last digits.
    """
    content = (checkpoint / manifest.MANIFEST).read_bytes()
    print_ = hashlib.sha256(content + f"{weights} {kind}".encode()).hexdigest()[:12]
    name = checkpoint.name if weights == "trained" else "init"
    return Journal(run_folder / "evals" / f"{name}-{print_}.jsonl")
