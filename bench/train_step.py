"""A training step of ours beside a bare DeepSpeed loop and Hugging Face's Trainer, in turn.

    python bench/train_step.py [ROUNDS]

Two CPU ranks, ZeRO-3, the shape and settings of the run `demo`, the same rows of three documents.

    ours   all that happens in a step: reading the rows, the learning rate, counting scored tokens,
           the reductions of count and loss, the gradient's norm, throughput, the line of metrics
    bare   our model under the same engine: forward, backward, step, with its batches on the device
           already; no number leaves it
    hf     Hugging Face's Trainer with DeepSpeed in an environment of its own (bench/peers.py):
           LlamaForCausalLM of the same shapes, the same optimiser and ZeRO block, a line of log a
           step. Its attention is causal over the row: more pairs than ours, but its fastest kind

Each round takes all three, the order turning; the figures are medians of the rounds' ratios with
their quartiles. Those who wait for their turn sleep. Results go to bench/results/train_step.json.
"""

import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import peers
import pyarrow as pa
from report import keep

from kormo_ds.train import port

RANKS, LENGTH, WARM_UP = 2, 512, 4
CUTS = (200, 100, 212)


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _write_rows(Path(folder))
        ours, hf = _start_ours(folder), _start_hf(Path(folder), WARM_UP + rounds)
        seconds: dict[str, list[float]] = {"ours": [], "bare": [], "hf": []}
        load = []
        names = list(seconds)
        for turn in range(WARM_UP + rounds):
            for name in names[turn % 3 :] + names[: turn % 3]:
                taken = _turn_of_hf(hf) if name == "hf" else _turn(ours, name, turn)
                seconds[name].append(taken)
            load.append(os.getloadavg()[0])
        for pipe, _ in ours:
            pipe.send(None)
        for _, job in ours:
            job.join()
        for job in hf:
            job.stdin.close()
            job.wait()
    _report({name: taken[WARM_UP:] for name, taken in seconds.items()}, load)


def _report(seconds: dict[str, list[float]], load: list[float]) -> None:
    run = _run("unused")
    figures = {
        "ranks": RANKS,
        "zero_stage": run.zero_stage,
        "tokens_per_step": run.train.tokens_per_step,
        "rounds": len(seconds["ours"]),
        "load_average_median": round(statistics.median(load), 2),
        "seconds_median": {name: round(statistics.median(s), 4) for name, s in seconds.items()},
        "ours_to_bare": _ratio(seconds["ours"], seconds["bare"]),
        "bound": 1.03,
        "hf_to_ours": _ratio(seconds["hf"], seconds["ours"]),
        "hf_versions": peers.versions("transformers", ("transformers", "accelerate", "torch")),
    }
    keep("train_step", figures, ("deepspeed", "torch"))


def _ratio(above: list[float], below: list[float]) -> dict[str, float]:
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    low, middle, high = (round(quartile, 4) for quartile in statistics.quantiles(ratios))
    best = round(min(above) / min(below), 4)
    return {"median": middle, "quartiles": [low, high], "of_the_fastest": best}


def _run(folder: str):
    from kormo_ds.compose import load_run

    words = [f"data.sequences={folder}/rows", f"folder={folder}", "log.wandb=disabled"]
    return load_run("demo", words)


def _environment(rank: int, meeting_at: int) -> dict[str, str]:
    return {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(RANKS),
        "LOCAL_SIZE": str(RANKS),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(meeting_at),
        "DS_ACCELERATOR": "cpu",
        "OMP_NUM_THREADS": "1",
    }


def _start_ours(folder: str) -> list:
    context, meeting_at, started = multiprocessing.get_context("spawn"), port.free(), []
    for rank in range(RANKS):
        here, there = context.Pipe()
        job = context.Process(target=_rank, args=(rank, meeting_at, folder, there), daemon=True)
        job.start()
        started.append((here, job))
    return started


def _turn(started: list, name: str, turn: int) -> float:
    for pipe, _ in started:
        pipe.send((name, turn))
    try:
        return [pipe.recv() for pipe, _ in started][0]
    except EOFError:
        sys.exit("a rank of ours failed")


def _rank(rank: int, meeting_at: int, folder: str, turns) -> None:
    os.environ |= _environment(rank, meeting_at)
    from kormo_ds.train import batches, data, engine, ranks, throughput
    from kormo_ds.train.head_losses import HeadLosses
    from kormo_ds.train.metrics import Metrics
    from kormo_ds.train.step import train_step
    from kormo_ds.train.watch import Watch

    run = _run(folder)
    run.path.mkdir(exist_ok=True)
    ranks.start()
    table = data.open_sequences(run)
    plan = batches.plan(run.train, table.length, RANKS)
    model = engine.build(run, plan)
    reader, meter = data.Reader(table, run.seed, plan, rank), throughput.Meter(run, plan)
    metrics = Metrics(run, "bench", 0) if rank == 0 else None
    watch = Watch(run, model, HeadLosses(model), reader, {})

    def ours(step: int) -> None:
        values = train_step(run, model, reader, step, watch=watch)
        values |= meter.step(values, reader.work)
        if metrics:
            metrics.write(values)

    def bare(step: int) -> None:
        for batch, n_scored in held:
            loss = model(*batch.inputs)
            model.backward(loss.sum() / n_scored)
            model.step()

    while asked := turns.recv():
        name, step = asked
        held = [(batch, batch.n_scored) for batch in reader.read(step)] if name == "bare" else []
        ranks.total(0)
        begun = time.perf_counter()
        {"ours": ours, "bare": bare}[name](step)
        ranks.total(0)
        turns.send(time.perf_counter() - begun)
    ranks.stop()
    os._exit(0)


def _start_hf(folder: Path, steps: int) -> list[subprocess.Popen]:
    from kormo_ds.train import batches, ds_config

    run, inside = _run(str(folder)), peers.python("transformers")
    model, optim = run.model, run.optim
    plan = batches.plan(run.train, LENGTH, RANKS)
    rendered = ds_config.render(run, plan)
    settings = {
        "folder": str(folder / "hf"),
        "rows": str(folder / "rows.npy"),
        "labels": str(folder / "labels.npy"),
        "steps": steps,
        "model": {
            "vocab_size": model.vocab_size,
            "hidden_size": model.hidden_size,
            "intermediate_size": model.ffn_size,
            "num_hidden_layers": model.n_layers,
            "num_attention_heads": model.n_heads,
            "num_key_value_heads": model.n_kv_heads,
            "head_dim": model.head_dim,
            "rms_norm_eps": model.norm_eps,
            "max_position_embeddings": LENGTH,
            "rope_parameters": {"rope_type": "default", "rope_theta": model.rope_theta},
            "use_cache": False,
        },
        "deepspeed": {
            **{key: value for key, value in rendered.items() if key != "data_types"},
            "zero_allow_untested_optimizer": True,
        },
        "arguments": {
            "per_device_train_batch_size": plan.micro_rows,
            "gradient_accumulation_steps": plan.accumulation,
            "learning_rate": optim.lr,
            "adam_beta1": optim.betas[0],
            "adam_beta2": optim.betas[1],
            "adam_epsilon": optim.eps,
            "weight_decay": optim.weight_decay,
            "max_grad_norm": optim.clip,
        },
    }
    (folder / "hf.json").write_text(json.dumps(settings))
    script = str(Path(__file__).parent / "beside" / "train_step.py")
    meeting_at, extra = port.free(), peers.environment("transformers")
    jobs = [
        subprocess.Popen(
            [inside, script, str(folder / "hf.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_without_ours() | extra | _environment(rank, meeting_at),
        )
        for rank in range(RANKS)
    ]
    for job in jobs:
        _answer(job)
    peers.forget_buffers(meeting_at)
    return jobs


def _without_ours() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def _turn_of_hf(jobs: list[subprocess.Popen]) -> float:
    for job in jobs:
        job.stdin.write("go\n")
        job.stdin.flush()
    return [_answer(job) for job in jobs][0]


def _answer(job: subprocess.Popen) -> float:
    line = job.stdout.readline()
    if not line:
        sys.exit("a rank of Hugging Face's Trainer failed, its error is above")
    return json.loads(line)


def _write_rows(folder: Path) -> None:
    """Random rows of three documents each, and a tokenizer of 8,192 words; and for the peer."""
    from tokenizers import Tokenizer, models

    from kormo_ds.sequences.schema import Pieces, batch
    from kormo_ds.sequences.write import Writer

    random = np.random.default_rng(1)
    n_rows = 512
    ids = random.integers(0, 8192, (n_rows, LENGTH), dtype=np.int32)
    names = pa.array(["a", "b", "c"] * n_rows)
    pieces = Pieces(
        rows=np.repeat(np.arange(n_rows), 3),
        lengths=np.tile(np.array(CUTS, np.int32), n_rows),
        doc_ids=names,
        offsets=np.zeros(3 * n_rows, np.int32),
        components=names,
        languages=names,
    )
    writer = Writer(str(folder / "rows"), LENGTH, {"fingerprint": "bench", "command": "none"})
    writer.append([(batch(ids, pieces), {})])
    writer.finish({})
    words = {str(word): word for word in range(8192)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="0"))
    tokenizer.save(str(folder / "rows" / "tokenizer.json"))
    np.save(folder / "rows.npy", ids)
    ids[:, np.cumsum((0, *CUTS[:-1]))] = -100  # no first token of a document is predicted
    np.save(folder / "labels.npy", ids)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
