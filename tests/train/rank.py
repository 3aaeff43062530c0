"""One rank of a test's job, run by `conftest.Job`; CASES and RANK are put in by `runpy`.

Each case trains a run through the same functions as `python -m kormo_ds.train`, one after the other
in this process, with an accident where the case asks for one.
"""

import ctypes
import gc
import json
import os
import random
import re
import resource
import signal
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import torch

os.environ |= ENVIRONMENT  # noqa: F821
out = open(os.environ["LOG"], "w")  # noqa: SIM115
os.dup2(out.fileno(), 1)
os.dup2(out.fileno(), 2)

from kormo_ds.compose import load_run  # noqa: E402
from kormo_ds.errors import KormoError  # noqa: E402
from kormo_ds.run_record import manifest  # noqa: E402
from kormo_ds.train import engine, loop, portable, ranks, step  # noqa: E402
from kormo_ds.train.batches import plan  # noqa: E402

BUILD, WRITE, COMMIT = engine.build, portable.write, manifest.commit
ONE_STEP = step.one_step


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def dying_at(step, micro):
    """An engine whose process is killed in the backward pass of one micro-batch."""

    def build(run, batches):
        made = BUILD(run, batches)
        backward, done = made.backward, Counter()

        def backward_or_die(loss):
            if (made.global_steps, done[made.global_steps]) == (step, micro):
                die()
            done[made.global_steps] += 1
            return backward(loss)

        made.backward = backward_or_die
        return made

    return build


def cut_off(*_):
    """The others lose their connections to this rank, as if it had been killed."""
    os.closerange(3, 1000)
    signal.pause()


def on_a_full_disk(function, step):
    """No file may grow beyond 1,000 bytes from this checkpoint's `function` on."""

    def full(made, folder, *rest):
        if f"step-{step:06d}" in str(folder):
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        try:
            return function(made, folder, *rest)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)

    return full


def drawing(run):
    """Steps that draw from every random generator first, as dropout would, and write it down."""

    def one_step(model, *given):
        drawn = [torch.rand(()).item(), random.random(), float(np.random.random())]
        with (run.path / f"drawn-{RANK}.jsonl").open("a") as out:  # noqa: F821
            out.write(json.dumps([model.global_steps, *drawn]) + "\n")
        return ONE_STEP(model, *given)

    return one_step


def weighing(run, batches):
    """An engine that writes down the bytes of all tensors of this process after each backward."""
    made = BUILD(run, batches)
    backward = made.backward

    def weigh(loss):
        backward(loss)
        del loss
        gc.collect()
        held = [o for o in gc.get_objects() if isinstance(o, torch.Tensor)]
        parts = [getattr(o, name, None) for o in held for name in ("grad_accum", "ds_tensor")]
        held += [part for part in parts if isinstance(part, torch.Tensor)]
        held += [o.grad for o in held if o.is_leaf and o.grad is not None]
        stores = [o.untyped_storage() for o in held]
        total = sum({store.data_ptr(): store.nbytes() for store in stores}.values())
        with (run.path / f"held-{RANK}.jsonl").open("a") as out:  # noqa: F821
            out.write(f"{total}\n")

    made.backward = weigh
    return made


def peaking(run, batches):
    """An engine that writes down how far this process has grown above what it was before."""
    ctypes.CDLL(None).mallopt(-3, 65536)  # M_MMAP_THRESHOLD: what is freed leaves the process
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before, made = resident("VmHWM"), BUILD(run, batches)
    step = made.step

    def stepped():
        step()
        (run.path / f"peak-{RANK}").write_text(str(resident("VmHWM") - before))  # noqa: F821

    made.step = stepped
    return made


def resident(key):
    """Bytes of memory of this process: VmRSS now, VmHWM at most."""
    found = re.search(rf"{key}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return 1024 * int(found[1])


def train(case):
    here = case.get("rank", RANK) == RANK  # noqa: F821
    accident, *where = case.get("accident", ["none"]) if here else ["none"]
    engine.build = dying_at(*where) if accident == "kill" else BUILD
    engine.build = weighing if case.get("weigh") else engine.build
    engine.build = peaking if case.get("peak") else engine.build
    manifest.commit = die if accident == "kill before commit" else COMMIT
    portable.write = on_a_full_disk(WRITE, *where) if accident == "full" else WRITE
    if accident == "cut off":
        portable.write = cut_off
    run = load_run(case["run"], case["words"])
    step.one_step = drawing(run)
    if case.get("start_only"):
        start(run)
    else:
        loop.train(run, evaluate(run))


def evaluate(run):
    """What asks the tasks of a run that has some, as `kormo_ds.cli.rank` hands it over."""
    if not run.evaluation.names:
        return None
    from kormo_ds.eval.harness import adapter, in_run

    adapter.MAX_NEW_TOKENS = 8
    return in_run.begin


def start(run):
    """The weights before the first step, in shards of 10,000 bytes."""
    made = BUILD(run, plan(run.train, 32, ranks.world()))
    WRITE(made, run.path, ("weights",), shard_bytes=10_000)


signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ranks.start()
errors = []
for case in CASES:  # noqa: F821
    try:
        train(case)
        errors.append(None)
    except KormoError as error:
        errors.append(str(error))
    except RuntimeError as error:
        if not ranks.lost(error):
            raise
        errors.append("lost")
        break
told = Path(os.environ["LOG"]).with_suffix(".errors")
told.with_suffix(".part").write_text(json.dumps(errors))
told.with_suffix(".part").rename(told)  # the job is ended while a rank writes
sys.stdout.flush()
os._exit(errors[-1] == "lost")
