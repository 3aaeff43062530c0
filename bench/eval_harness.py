"""Our adapter beside lm-evaluation-harness's own HF backend on the exported model, on the CPU.

    python bench/eval_harness.py CHECKPOINT DATA [limit]

Both answer the same requests of the same tasks (DATA as `kormo eval tasks … data=`), fp32, one
thread, alternating; HF's backend in batches of 1, 8 and 32 requests, the best of which counts.
Written are milliseconds a request and their ratio; scores must be equal to 1e-3.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import report
import torch
from lm_eval.models.huggingface import HFLM

from kormo_ds.eval import checkpoint
from kormo_ds.eval.harness import adapter, measure, tasks
from kormo_ds.eval.harness.workers import Alone
from kormo_ds.export import llama

TASKS = ("kobest_boolq", "kobest_copa", "kobest_hellaswag", "arc_easy", "piqa")
REPEATS = 3


def main() -> None:
    place, data, *rest = report.needed(sys.argv[1:], "CHECKPOINT DATA [limit]", 2)
    limit = int(rest[0]) if rest else 60
    torch.set_num_threads(1)
    asked = checkpoint.read(place)
    ours = Alone(asked.model(device=torch.device("cpu")))
    n_parameters = sum(value.numel() for value in ours.inside(lambda m: list(m.parameters())))
    rows = []
    with TemporaryDirectory() as folder, tasks.manager(TASKS, data) as manager:
        llama.export(place, Path(folder) / "out", "fp32")
        theirs = {
            size: HFLM(str(Path(folder) / "out"), device="cpu", dtype="float32", batch_size=size)
            for size in (1, 8, 32)
        }
        for name in TASKS:
            loaded = tasks.loaded([name], manager, data)
            seconds: dict[str, float] = {}
            values = {}
            for _ in range(REPEATS):
                backends = {f"hf_{size}": model for size, model in theirs.items()}
                backends["ours"] = adapter.Model(ours, asked.vocabulary)
                for backend, model in backends.items():
                    begun = time.perf_counter()
                    found = measure.numbers(model, loaded, limit=limit, num_fewshot=0)
                    took = time.perf_counter() - begun
                    seconds[backend] = min(took, seconds.get(backend, took))
                    values[backend] = [one.value for one in found]
            for backend in theirs:
                pairs = zip(values["ours"], values[f"hf_{backend}"], strict=True)
                assert all(abs(a - b) < 1e-3 for a, b in pairs), values
            best = min(value for backend, value in seconds.items() if backend != "ours")
            n = sum(len(t.instances) for t in loaded.found[name]["tasks"].values())
            per = {backend: round(1000 * value / n, 3) for backend, value in seconds.items()}
            rows.append(
                {"task": name, "requests": n, "ms_a_request": per}
                | {"times_faster": round(best / seconds["ours"], 2)}
            )
            print(rows[-1], flush=True)
    figures = {"limit": limit, "parameters": n_parameters, "tasks": rows}
    report.keep("eval_harness", figures, ("lm-eval", "torch", "transformers"))


if __name__ == "__main__":
    main()
