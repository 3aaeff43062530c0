"""One way to keep a benchmark's figures: bench/results/NAME.json, with machine and versions."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def processor() -> str:
    """The processor's name, and how many of its cores this process may use."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def needed(paths: list[str], usage: str, least: int = 1) -> list[str]:
    """The files of a benchmark that measures real text; it ends well without, for `make bench`."""
    if len(paths) < least:
        print(f"not run, as it measures real text: python {sys.argv[0]} {usage}")
        raise SystemExit(0)
    return paths


def keep(name: str, figures: dict[str, Any], packages: tuple[str, ...]) -> None:
    """Print the figures and write them with date, machine and the versions of `packages`."""
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": processor(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in packages},
        **figures,
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
