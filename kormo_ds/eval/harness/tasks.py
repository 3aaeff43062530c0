"""Names to tasks: the harness's own, and ours over local files.

A file `kormo_ds/eval/tasks/NAME.yaml` is the harness's task of that name, prompt and metric alike,
over a file of `data=FOLDER` in place of a data set of the hub. Where a folder is given and has the
file, ours stands for the harness's; all other names are the harness's, which needs the hub or its
cache. A task whose data are not there is told, and the others go on.

    kormo_ds/eval/tasks/arc_easy.yaml + FOLDER/arc_easy_test.jsonl.zst
      ──written──▶ a folder of YAML that `lm_eval --include_path` takes, too
"""

import difflib
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from lm_eval.tasks import TaskManager
from lm_eval.tasks._yaml_loader import load_yaml

from kormo_ds.errors import BadInput, UnknownName, unknown

FOLDER = Path(__file__).parents[1] / "tasks"
SUFFIXES = (".jsonl", ".jsonl.zst", ".json", ".parquet")
_PREFIX = "kormo-tasks-"
_LOADERS = {".parquet": "parquet"}


@dataclass(frozen=True)
class Local:
    """A task of ours."""

    name: str
    lang: str
    files: dict[str, str]
    """Of each split (test, and shots where others are given than from test) the file's stem."""
    differs: str
    """How it differs from the harness's task of the same name, as the end of a sentence."""
    runs_code: bool


@dataclass
class Loaded:
    """Tasks that can be asked, and those that cannot."""

    names: list[str] = field(default_factory=list)
    """As they were asked for; groups by their own name."""
    found: dict[str, Any] = field(default_factory=dict)
    """What the harness made of each."""
    local: set[str] = field(default_factory=set)
    """Those of ours, by the names of single tasks."""
    missing: dict[str, str] = field(default_factory=dict)
    """Why a task is left out, by its name."""


def local() -> dict[str, Local]:
    """The tasks of ours, by name."""
    known = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        content = load_yaml(path, resolve_func=False)
        about = content["metadata"]
        known[path.stem] = Local(
            name=path.stem,
            lang=about["lang"],
            files=about["files"],
            differs=about["differs"],
            runs_code=bool(content.get("unsafe_code")),
        )
    return known


def written(data: Path, folder: Path) -> list[str]:
    """Write our tasks whose files are in `data` as YAML files into `folder`; their names.

    Raises:
        BadInput: no such folder, or no file of any task in it.
    """
    if not data.is_dir():
        raise BadInput(f"data={data} is not a folder; give the one that holds the tasks' files")
    names = []
    for name, task in local().items():
        files = {split: _file(data, stem) for split, stem in task.files.items()}
        if files["test"] is None:
            continue
        found = {split: str(path.absolute()) for split, path in files.items() if path}
        content: dict[str, Any] = {
            "include": str(FOLDER / f"{name}.yaml"),
            "task": name,
            "dataset_path": _LOADERS.get(Path(found["test"]).suffix, "json"),
            "dataset_kwargs": {
                "data_files": found,
                "cache_dir": str(folder / "cache"),
                "keep_in_memory": True,
            },
            "fewshot_split": "shots" if "shots" in found else "test",
        }
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        names.append(name)
    if not names:
        stems = ", ".join(sorted(task.files["test"] for task in local().values()))
        raise BadInput(f"data={data} has no file of a task; known: {stems} (.jsonl, .jsonl.zst, …)")
    return names


@contextmanager
def manager(names: Sequence[str], data: str) -> Iterator[TaskManager]:
    """The harness's tasks, and before them ours over the files in `data`, if it is not ''.

    Listing the harness's costs ten seconds, and is left out where all of `names` are ours and a
    folder is given.
    """
    quiet()
    with TemporaryDirectory(prefix=_PREFIX) as folder:
        alone = bool(data and names) and set(names) <= set(local())
        if data:
            written(Path(data), Path(folder))
        if not alone:
            offline()
        yield TaskManager(include_path=folder if data else None, include_defaults=not alone)


def check(names: Sequence[str], tasks: TaskManager) -> None:
    """Every name is known.

    Raises:
        UnknownName: with the nearest names.
        BadInput: none is given.
    """
    if not names:
        raise BadInput("name tasks, e.g. tasks=kobest_boolq,arc_easy, or a suite: suite=paper")
    known = {*tasks.all_tasks, *local()}
    for name in names:
        if name not in known:
            raise _unknown(name, known)


def loaded(names: Sequence[str], tasks: TaskManager, data: str) -> Loaded:
    """The tasks of these names; those without data are told apart.

    Raises:
        UnknownName: no such task.
        BadInput: a file of ours is not what its task reads.
    """
    check(names, tasks)
    found = Loaded()
    ours = local()
    for name in dict.fromkeys(names):
        if name in ours and name not in tasks.all_tasks:
            found.missing[name] = _where(ours[name], data)
            continue
        here = _is_ours(name, tasks)
        try:
            found.found[name] = tasks.load([name])
        except Exception as error:
            # The hub's clients, datasets and tasks raise all kinds here.
            said = " ".join(str(error).split())[:160] or type(error).__name__
            if here:
                raise BadInput(f"task {name} cannot read its file in {data}: {said}") from error
            where = f"; or {_where(ours[name], data)}" if name in ours else ""
            found.missing[name] = f"no data from the hub ({said}){where}"
            continue
        found.names.append(name)
        found.local |= {leaf for leaf in found.found[name]["tasks"] if _is_ours(leaf, tasks)}
    return found


def quiet() -> None:
    """No progress bars and no running commentary of the harness and of datasets."""
    import datasets

    datasets.disable_progress_bars()
    for name in ("lm_eval", "datasets", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)


def offline() -> bool:
    """Say to the hub's clients that there is no hub where none answers: they would try for minutes.

    Data sets that are in their cache are found in any case.
    """
    import datasets
    from huggingface_hub import constants

    end = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    host, _, port = end.partition("://")[2].strip("/").partition(":")
    try:
        socket.create_connection((host, int(port or 443)), timeout=5).close()
    except OSError:
        constants.HF_HUB_OFFLINE = True
        datasets.config.HF_HUB_OFFLINE = True
        return True
    return False


def _is_ours(name: str, tasks: TaskManager) -> bool:
    entry = tasks.task_index.get(name)
    path = getattr(entry, "yaml_path", None)
    return path is not None and Path(path).parent.name.startswith(_PREFIX)


def _file(data: Path, stem: str) -> Path | None:
    """The file of that stem in `data`, None where there is none."""
    there = (data / f"{stem}{suffix}" for suffix in SUFFIXES)
    return next((path for path in there if path.exists()), None)


def _where(task: Local, data: str) -> str:
    where = f"in data={data}" if data else "(no data=FOLDER is given)"
    return f"its file {task.files['test']}.jsonl or .jsonl.zst is not {where}"


def _unknown(name: str, known: set[str]) -> UnknownName:
    """The nearest names alone: the harness has thousands."""
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.5)
    error = unknown("task", name, near, "all of them: lm_eval ls tasks")
    return UnknownName(str(error).replace("; known:", "; close to it:").replace("known:", "near:"))
