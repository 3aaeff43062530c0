"""One evaluation: names of tasks in, numbers with their standard errors out.

The harness draws its prompts, asks our model and computes its metrics; what it does to random
generators is undone, so a training run goes on as if nothing had been asked.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch

from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.eval.harness.number import Number
from kormo_ds.eval.harness.protocol import Protocol
from kormo_ds.eval.harness.tasks import Loaded, local

SEED = 1234
"""Of the draw of shots; the harness's own default."""
BOOTSTRAP = 1000
"""Samples for the standard errors of metrics that have no formula."""

_ENVIRONMENT = {
    "DISABLE_MULTIPROC": "1",
    "LOCAL_RANK": "0",  # any other rank would be given no results
}


def check(limit: int | None, num_fewshot: int | None) -> None:
    """Raise BadInput for numbers that cannot be asked for."""
    if limit is not None and limit < 1:
        raise BadInput(f"limit={limit} wants 1 or more questions of a task; leave it out for all")
    if num_fewshot is not None and num_fewshot < 0:
        raise BadInput(
            f"num_fewshot={num_fewshot} wants 0 or more; leave it out for the task's own"
        )


def numbers(
    model: Any,
    loaded: Loaded,
    *,
    limit: int | None = None,
    num_fewshot: int | None = None,
    allow_code: bool = False,
) -> list[Number]:
    """Ask the tasks that were loaded; the same on every rank.

    Args:
        model: an `LM` of the harness, ours or another.
        loaded: of `tasks.loaded`.
        limit: the first so many questions of each task; None asks all.
        num_fewshot: examples before each question; None as the task has it.
        allow_code: may tasks run code that the model wrote?

    Raises:
        BadInput: numbers that cannot be, a task twice, or one that the harness cannot ask.
        BadConfig: a task runs code, and that is not allowed.
    """
    check(limit, num_fewshot)
    if not loaded.names:
        return []
    given = _objects(loaded)
    if not allow_code:
        refuse_code(loaded)
    with _undisturbed():
        from lm_eval.evaluator import simple_evaluate

        try:
            found = simple_evaluate(
                model=model,
                tasks=given,
                num_fewshot=num_fewshot,
                limit=limit,
                bootstrap_iters=BOOTSTRAP,
                log_samples=False,
                confirm_run_unsafe_code=allow_code,
                random_seed=SEED,
                numpy_random_seed=SEED,
                torch_random_seed=SEED,
                fewshot_random_seed=SEED,
                task_manager=_Given(),
            )
        except (ValueError, KeyError, TypeError, AssertionError) as error:
            said = " ".join(str(error).split())[:300]
            raise BadInput(f"a task cannot be asked ({type(error).__name__}: {said})") from error
    return _read(found, loaded, limit)


def _objects(loaded: Loaded) -> list[Any]:
    given: list[Any] = []
    seen: dict[str, str] = {}
    for name in loaded.names:
        found = loaded.found[name]
        for task in found["tasks"]:
            if task in seen:
                raise BadInput(
                    f"task {task} is in '{seen[task]}' and in '{name}'; name one of them"
                )
            seen[task] = name
        group = found.get("groups", {}).get(name)
        given += [group] if group is not None else list(found["tasks"].values())
    return given


def refuse_code(loaded: Loaded) -> None:
    """Raise BadConfig for a task that runs what the model writes."""
    for name in loaded.names:
        for task in loaded.found[name]["tasks"].values():
            if getattr(task, "UNSAFE_CODE", False):
                raise BadConfig(
                    f"task {name} runs code that the model writes; allow it with allow_code=true, "
                    f"on a machine that holds nothing else"
                )


class _Given:
    """The harness's task manager of what is loaded already."""

    def load(self, given: list[Any]) -> dict[str, Any]:
        from lm_eval.tasks import TaskManager

        return dict(TaskManager(include_defaults=False).load(given))

    def __getattr__(self, name: str) -> Any:
        return {}


def _read(found: Any, loaded: Loaded, limit: int | None) -> list[Number]:
    """The harness's results as numbers: tasks, and the groups that aggregate them."""
    ours = local()
    is_local = loaded.local
    shots = found.get("n-shot", {})
    samples = found.get("n-samples", {})
    children = found.get("group_subtasks", {})
    read: list[Number] = []
    for name, values in {**found["results"], **found.get("groups", {})}.items():
        leaves = _leaves(name, children)
        protocol = Protocol(
            name,
            int(shots.get(leaves[0], shots.get(name, 0)) or 0),
            all(leaf in is_local for leaf in leaves),
            limit,
        )
        n = sum(samples.get(leaf, {}).get("effective", 0) for leaf in leaves)
        langs = {ours[leaf].lang if leaf in is_local else None for leaf in leaves}
        for key, value in values.items():
            metric, _, filtered = key.partition(",")
            if not filtered or metric.endswith("_stderr") or not isinstance(value, (int, float)):
                continue
            stderr = values.get(f"{metric}_stderr,{filtered}")
            read.append(
                Number(
                    protocol,
                    metric if filtered in ("none", "create_test") else key,
                    float(value),
                    float(stderr) if isinstance(stderr, (int, float)) else None,
                    n,
                    langs.pop() if len(langs) == 1 else None,
                )
            )
            langs = {read[-1].lang}
    return read


def _leaves(name: str, children: dict[str, list[str]]) -> list[str]:
    below = children.get(name) or []
    return [leaf for child in below for leaf in _leaves(child, children)] or [name]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Random generators are as before afterwards; no processes are forked for standard errors.

    No bar for the drawing of prompts either, which takes no time.
    """
    from lm_eval.api import task

    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else None
    environment = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    shown, task.tqdm = task.tqdm, partial(task.tqdm, disable=True)
    try:
        yield
    finally:
        task.tqdm = shown
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_rng_state(before[2])
        if devices is not None:
            torch.cuda.set_rng_state_all(devices)
        for name, value in environment.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
