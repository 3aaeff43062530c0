"""Training on one GPU: MFU by both formulas, tokens a second, memory, by model, row and attention.

    python bench/gpu_train.py [SEQUENCES]     a CUDA GPU; SEQUENCES gives document lengths
    python bench/gpu_train.py --tiny          the same of a tiny model on a CPU, with sdpa inside
                                              documents too; keeps nothing

Models are `1b` and as many layers of `10b` as fit; rows hold 4,096 and 32,768 tokens; a micro-batch
is 32,768 tokens, a step four of them, bf16 under ZeRO-1, our optimiser step in it. Attention:

    xformers, torch_varlen   inside documents, of lengths drawn from `DOCUMENTS`, or as in the rows
                             of SEQUENCES
    causal                   each row as if it were one document, by torch's flash kernel
    hugging face             LlamaForCausalLM of the same shapes, causal, flash SDPA, under the same
                             DeepSpeed configuration; in this environment if it has transformers,
                             else in one of its own (bench/peers.py)

Every case is a process of its own, so one that runs out of memory says so and the next goes on.
Cases take turns for `ROUNDS` rounds; figures are medians over all steps but the first three of each
process. Results go to bench/results/gpu_train.json.
"""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import peers
from report import keep

DOCUMENTS = {
    4: 107,
    5: 3663,
    6: 20199,
    7: 14777,
    8: 9277,
    9: 13056,
    10: 11397,
    11: 7748,
    12: 3930,
    13: 634,
    14: 213,
    15: 43,
    16: 5,
    17: 3,
}
"""Documents of 2^k to 2^(k+1) tokens (four bytes each) in the corpus of bench/corpus.py: 85,052
Korean and English documents, 1,115 tokens in the mean."""

ROUNDS, STEPS, WARM_UP, MICRO_BATCHES = 2, 10, 3, 4
LAYERS = (32, 24, 16, 12, 10, 8, 6, 4, 3, 2, 1)
KINDS = ("xformers", "torch_varlen", "causal", "hugging face")
BESIDE = str(Path(__file__).parent / "beside" / "gpu_train.py")


def main(words: list[str]) -> None:
    import torch

    tiny = "--tiny" in words
    given = [word for word in words if not word.startswith("--")]
    if not tiny and not torch.cuda.is_available():
        print("not run, as it needs a CUDA GPU; --tiny runs the same cases on a CPU")
        return
    device = "a CPU, a tiny model" if tiny else torch.cuda.get_device_name()
    cases = []
    for model, length in _sizes(tiny):
        base = {"model": model, "length": length, "tiny": tiny, "sequences": given[:1]}
        base["layers"] = _layers(base)
        kinds = ("sdpa", *KINDS) if tiny else KINDS
        cases += [base | {"kind": kind} for kind in kinds]
    told: list[list[dict]] = [[] for _ in cases]
    for turn in range(1 if tiny else ROUNDS):
        for place in range(len(cases))[:: -1 if turn % 2 else 1]:
            told[place].append(_run(cases[place]))
            print(f"{_name(cases[place])}: {told[place][-1]}", file=sys.stderr, flush=True)
    figures = {
        "device": device,
        "cases": [_figures(case, runs) for case, runs in zip(cases, told, strict=True)],
    }
    if tiny:
        print(json.dumps(figures, indent=1))
    else:
        keep("gpu_train", figures, ("deepspeed", "torch"))


def _sizes(tiny: bool) -> list[tuple[str, int]]:
    if tiny:
        return [("tiny", 128), ("tiny slice", 512)]
    return [(model, length) for model in ("1b", "10b slice") for length in (4096, 32768)]


def _name(case: dict) -> str:
    layers = f", {case['layers']} layers" if case["layers"] else ""
    return f"{case['model']}{layers}, rows of {case['length']:,}, {case['kind']}"


def _layers(case: dict) -> int:
    """0 for all; of a slice the most layers that fit at this row length."""
    if "slice" not in case["model"]:
        return 0
    if case["tiny"]:
        return 1
    for layers in LAYERS:
        told = _run(case | {"layers": layers, "kind": "causal", "probe": True})
        if told.get("error") != "out of memory":
            return layers
    return LAYERS[-1]


def _run(case: dict) -> dict:
    """One case in a process: its figures, or why there are none."""
    environment = dict(os.environ)
    command = [sys.executable, __file__, "--case"]
    if case["kind"] == "hugging face":
        here = importlib.util.find_spec("transformers") is not None
        if case["tiny"] and not here and not peers.ready("transformers"):
            return {"error": "transformers is not installed"}
        command = [sys.executable if here else peers.python("transformers"), BESIDE]
        environment = environment if here else environment | peers.environment("transformers")
        environment.pop("PYTHONPATH", None)
    environment["DS_ACCELERATOR"] = "cpu" if case["tiny"] else "cuda"
    settings = _settings(case)
    done = subprocess.run(
        [*command, json.dumps(settings)], env=environment, capture_output=True, text=True
    )
    peers.forget_buffers(settings["port"])
    if done.returncode == 0:
        told = json.loads(done.stdout.splitlines()[-1])
        return told | _operations(case, told["tokens"]) if case["kind"] == "hugging face" else told
    if "OutOfMemory" in done.stderr:
        return {"error": "out of memory"}
    last = [line for line in done.stderr.splitlines() if line.strip()]
    return {"error": last[-1] if last else f"exit code {done.returncode}"}


def _operations(case: dict, n_tokens: int) -> dict:
    """Of the peer, whose documents are its rows."""
    import torch

    from kormo_ds.train import flops, peak

    model, row = _composed(case)[0].model, case["length"]
    return {
        "palm": flops.palm(model, n_tokens, row),
        "documents": flops.documents(model, n_tokens, n_tokens * row),
        "peak": None if case["tiny"] else peak.known(torch.cuda.get_device_name(), "bf16"),
    }


def _settings(case: dict) -> dict:
    """The case with shapes and DeepSpeed's configuration, which a peer cannot work out itself."""
    from kormo_ds.train import ds_config, port

    run, plan = _composed(case)
    return case | {
        "shape": {name: getattr(run.model, name) for name in run.model.__dataclass_fields__},
        "deepspeed": ds_config.render(run, plan),
        "lr": run.optim.lr,
        "port": port.free(),
        "rows": plan.micro_rows,
        "micro_batches": plan.accumulation,
        "steps": 1 if case.get("probe") or case["tiny"] else STEPS,
        "warm_up": 1 if case.get("probe") or case["tiny"] else WARM_UP,
    }


def _composed(case: dict):
    from kormo_ds.compose import load_run
    from kormo_ds.train.batches import plan

    micro = 512 if case["tiny"] else 32768
    attention = {"causal": "sdpa", "hugging face": "auto"}.get(case["kind"], case["kind"])
    words = [
        f"train.tokens_per_step={micro * MICRO_BATCHES}",
        f"train.micro_batch_rows={micro // case['length']}",
        f"train.precision={'fp32' if case['tiny'] else 'bf16'}",
        f"model.attention={attention}",
        "deepspeed.zero_optimization.stage=1",
        "deepspeed.zero_optimization.overlap_comm=false",
    ]
    words += [f"model.n_layers={case['layers']}"] if case["layers"] else []
    run = load_run("demo" if case["tiny"] else f"stage1_{case['model'].split()[0]}", words)
    return run, plan(run.train, case["length"], 1)


def lengths(rng: np.random.Generator, row: int, n_rows: int, sequences: list[str]) -> list:
    """Lengths of the pieces of rows of `row` tokens: documents one after the other, cut at rows."""
    if sequences:
        from kormo_ds import sequences as tables

        table = tables.open(sequences[0])
        drawn = np.concatenate(table.take(rng.integers(0, table.n_rows, n_rows)).lengths)
    else:
        bins = rng.choice(list(DOCUMENTS), n_rows * row // 16, p=_shares())
        drawn = (2.0 ** (bins + rng.random(len(bins)))).astype(np.int64)
    ends = np.cumsum(np.resize(drawn, len(drawn) * (1 + n_rows * row // int(drawn.sum()))))
    edges = np.union1d(ends[ends < n_rows * row], np.arange(0, n_rows * row + 1, row))
    pieces = np.diff(edges)
    return np.split(pieces, np.searchsorted(edges, np.arange(row, n_rows * row, row)))


def _shares() -> np.ndarray:
    counts = np.array(list(DOCUMENTS.values()), float)
    return counts / counts.sum()


def _case(settings: dict) -> None:
    """This process: train the case and print its figures."""
    import torch

    from kormo_ds.model import Batch
    from kormo_ds.model.attention import BACKENDS

    run, plan = _composed(settings)
    device = torch.device("cpu" if settings["tiny"] else "cuda")
    if run.model.attention != "auto":
        dtype = torch.float32 if settings["tiny"] else torch.bfloat16
        refusal = BACKENDS[run.model.attention].refusal(device, dtype, run.model.head_dim)
        if refusal:
            print(json.dumps({"error": refusal}), flush=True)
            return
    from kormo_ds.train import engine, flops, peak, ranks, step
    from kormo_ds.train.objective import Objective
    from kormo_ds.train.throughput import Work, memory

    ranks.start()
    model = engine.build(run, plan)
    rng = np.random.default_rng(1)
    seconds, works = [], []
    for turn in range(settings["warm_up"] + settings["steps"]):
        batches = []
        for _ in range(plan.accumulation):
            shape = (plan.micro_rows, plan.row_length)
            ids = rng.integers(0, run.model.vocab_size, shape)
            cut = lengths(rng, shape[1], shape[0], settings["sequences"])
            if settings["kind"] == "causal":
                cut = [np.array([shape[1]])] * shape[0]
            batches.append(Batch.of_rows(ids, cut, [np.empty((0, 2), int)] * shape[0]))
        if turn == settings["warm_up"]:
            memory(device)
        _wait(torch)
        begun = time.perf_counter()
        step.one_step(model, batches, run.optim.lr * 1e-3, Objective.of(run))
        _wait(torch)
        seconds.append(time.perf_counter() - begun)
        works.append(Work.of(batches))
    taken, done = seconds[settings["warm_up"] :], works[settings["warm_up"] :]
    n_tokens = run.train.tokens_per_step
    squares = statistics.mean(work.n_squares for work in done)
    told = {
        "seconds": [round(each, 4) for each in taken],
        "tokens": n_tokens,
        "palm": flops.palm(run.model, n_tokens, plan.row_length),
        "documents": flops.documents(run.model, n_tokens, int(squares)),
        "peak": peak.of(ranks.device(), run.train.precision),
        **{name: round(value, 2) for name, value in memory(device).items()},
    }
    print(json.dumps(told), flush=True)
    os._exit(0)


def _wait(torch) -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _figures(case: dict, runs: list[dict]) -> dict:
    named = {"case": _name(case)}
    good = [run for run in runs if "error" not in run]
    if not good:
        return named | {"error": runs[0]["error"]}
    seconds = statistics.median(one for run in good for one in run["seconds"])
    first = good[0]
    told = {"seconds": round(seconds, 4), "tokens_per_s": round(first["tokens"] / seconds)}
    if first.get("peak"):
        told["mfu_palm"] = round(first["palm"] / seconds / first["peak"], 4)
        told["mfu_documents"] = round(first["documents"] / seconds / first["peak"], 4)
    memories = ("max_active_gib", "max_reserved_gib", "rss_gib")
    return named | told | {name: first[name] for name in memories if name in first}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--case"]:
        _case(json.loads(sys.argv[2]))
    else:
        main(sys.argv[1:])
