"""One rank of the doctor's job: sums over the ranks, then every case against plain torch.

    python -m kormo_ds.doctor.rank FOLDER

FOLDER/job.json has the cases; rank 0 writes FOLDER/answers.jsonl, a line as each is done, and a
rank that raises FOLDER/error-RANK.json. The steps of a case are taken by the very functions of a
training run.
"""

import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from kormo_ds.doctor.cases import ROW_LENGTH, Case
from kormo_ds.doctor.finding import first_line
from kormo_ds.doctor.reference import Plain, micro_batches
from kormo_ds.train import engine, partition, ranks, step
from kormo_ds.train.batches import plan
from kormo_ds.train.objective import Objective

BYTES = 64_000_000
"""Of the sum whose time is taken."""


def main(folder: Path) -> None:
    """Answer the job in `folder`; all ranks together."""
    job = json.loads((folder / "job.json").read_text())
    ranks.start()
    _answer(folder, sums())
    for values in job["cases"]:
        _answer(folder, compare(Case(**values)))
        gc.collect()
        if ranks.device().type == "cuda":
            torch.cuda.empty_cache()
    ranks.stop()


def sums() -> dict[str, Any]:
    """Sum whole numbers, which is exact; `wrong` counts those that are not right on any rank."""
    ones = torch.arange(BYTES // 4, device=ranks.device(), dtype=torch.float32) % 1024
    mine = ones * (ranks.rank() + 1)
    begun = 0.0
    for _ in range(2):  # the first builds the connections
        moved = mine.clone()
        ranks.total(0)
        begun = time.perf_counter()
        torch.distributed.all_reduce(moved)
        if moved.device.type == "cuda":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - begun
    world = ranks.world()
    wrong = int((moved != ones * (world * (world + 1) // 2)).sum())
    total = sum(ranks.gathered(wrong))
    return {"sums": {"wrong": total, "seconds": seconds, "bytes": BYTES, "ranks": world}}


def compare(case: Case) -> dict[str, Any]:
    """Take the steps of a case under DeepSpeed, and beside each the same one in plain torch."""
    run, length = case.run(ranks.world()), ROW_LENGTH[case.device]
    plain = Plain(run, length, ranks.world(), ranks.device())
    model = engine.build(run, plan(run.train, length, ranks.world()))
    losses, norms, gradients = [], [], (-1.0, "")
    for number in range(run.train.steps):
        mine = micro_batches(run, length, number, ranks.rank())
        done = step.one_step(model, mine, run.optim.lr, Objective.of(run))
        assert done is not None, "no row is skipped here"
        loss, norm = plain.step(number)
        losses.append(abs(done[0]["loss"] / loss - 1))
        norms.append(abs(done[1] / norm - 1))
        # β₁ is 0, so the first moment is the gradient.
        worst, name = _apart(model, "exp_avg", plain.gradients())
        if not worst <= gradients[0]:
            gradients = (worst, f"{name} in step {number + 1}")
    weights, _ = _apart(model, "weights", plain.weights(), plain.start)
    model.destroy()
    seen = [_largest(losses), _largest(norms), gradients[0], weights]
    everywhere = [_largest(values) for values in zip(*ranks.vectors(seen), strict=True)]
    return {"deviations": everywhere, "where": gradients[1]}


def _apart(
    model: Any,
    kind: str,
    plain: dict[str, torch.Tensor],
    start: dict[str, torch.Tensor] | None = None,
) -> tuple[float, str]:
    """The largest relative deviation of a parameter's state from plain torch, and which it is.

    Relative to its norm, or to how far it went from `start`; over the parts of all ranks.
    """
    squares = {name: [0.0, 0.0] for name in plain}
    for name, part in partition.parts(model):
        here = slice(part.start, part.start + part.size)
        wanted = plain[name][here]
        went = wanted - start[name][here] if start else wanted
        difference = part.view(model, kind).float() - wanted
        squares[name] = [float(x.double().square().sum()) for x in (difference, went)]
    flat = ranks.totals(value for pair in squares.values() for value in pair)
    pairs = torch.tensor(flat, dtype=torch.float64).view(-1, 2)
    relative = (pairs[:, 0] / pairs[:, 1]).sqrt()
    return float(relative.amax()), list(plain)[int(relative.argmax())]


def _largest(values: Sequence[float]) -> float:
    """The largest; a NaN is larger than all."""
    return float(torch.tensor(values, dtype=torch.float64).amax())


def _answer(folder: Path, values: dict[str, Any]) -> None:
    if ranks.rank() == 0:
        with (folder / "answers.jsonl").open("a") as file:
            file.write(json.dumps(values) + "\n")


def _told(folder: Path) -> int:
    """As `main`; an error is put where the doctor looks for it, with its traceback in the output.

    Returns the exit code.
    """
    try:
        main(folder)
    except Exception as error:
        traceback.print_exc()
        told = {"error": first_line(error), "lost": ranks.lost(error)}
        (folder / f"error-{os.environ['RANK']}.json").write_text(json.dumps(told))
        return 1
    return 0


if __name__ == "__main__":
    code = _told(Path(sys.argv[1]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # not through the threads of gloo, which have aborted ranks that were done
