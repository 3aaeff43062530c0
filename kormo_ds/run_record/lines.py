"""Files of one JSON object a line, each about a step: appended whole, cut where a run goes on."""

import json
import os
from pathlib import Path
from typing import Any

METRICS = "metrics.jsonl"
CHECKPOINTS = "checkpoints.jsonl"
SPIKES = "spikes.jsonl"
VALIDATION = "validation.jsonl"
EVALUATION = "evaluation.jsonl"
_TAIL = 1 << 17
"""Bytes at a file's end that hold its last whole line."""


def append(path: Path, values: dict[str, Any]) -> None:
    """Add one line in a single write that reaches the disk: it is there whole, or not at all."""
    line = (json.dumps(values, ensure_ascii=False) + "\n").encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def parsed(content: bytes) -> tuple[list[dict[str, Any]], int]:
    r"""The objects of whole lines, and the number of lines that are none: a kill cut them off.

    >>> parsed(b'{"step": 7}\n{"step": 8, "lo')
    ([{'step': 7}], 1)
    """
    found, unreadable = [], 0
    for line in content.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            one = None
        if isinstance(one, dict) and isinstance(one.get("step"), int):
            found.append(one)
        else:
            unreadable += 1
    return found, unreadable


def read(path: Path) -> list[dict[str, Any]]:
    """The lines that are there; one that a kill cut off is not."""
    return parsed(path.read_bytes())[0] if path.exists() else []


def last(path: Path) -> dict[str, Any] | None:
    """The last line that can be read, None where there is none; costs reading the file's end."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        found, _ = parsed(file.read())
    return found[-1] if found else None


def cut(path: Path, step: int) -> None:
    """Drop the lines of `step` and later ones: these steps are taken again."""
    if not path.exists():
        return
    kept = [json.dumps(line, ensure_ascii=False) for line in read(path) if line["step"] < step]
    aside = path.with_suffix(".part")
    aside.write_text("".join(line + "\n" for line in kept))
    os.replace(aside, path)
