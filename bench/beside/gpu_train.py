"""What bench/gpu_train.py runs of Hugging Face's Llama: python gpu_train.py SETTINGS (JSON).

A plain loop under DeepSpeed: forward, backward, step. Prints seconds, tokens of a step and memory
as one line of JSON.
"""

import json
import os
import sys
import time


def main(settings):
    os.environ |= {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "LOCAL_SIZE": "1"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(settings["port"])}
    import deepspeed
    import numpy as np
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    shape, length, rows = settings["shape"], settings["length"], settings["rows"]
    on_gpu = not settings["tiny"]
    deepspeed.init_distributed("nccl" if on_gpu else "gloo")
    torch.set_default_dtype(torch.bfloat16 if on_gpu else torch.float32)
    with torch.device("cuda" if on_gpu else "cpu"):
        config = LlamaConfig(
            vocab_size=shape["vocab_size"],
            hidden_size=shape["hidden_size"],
            intermediate_size=shape["ffn_size"],
            num_hidden_layers=shape["n_layers"],
            num_attention_heads=shape["n_heads"],
            num_key_value_heads=shape["n_kv_heads"],
            head_dim=shape["head_dim"],
            rms_norm_eps=shape["norm_eps"],
            max_position_embeddings=length,
            rope_parameters={"rope_type": "default", "rope_theta": shape["rope_theta"]},
            use_cache=False,
        )
        model = LlamaForCausalLM._from_config(config, attn_implementation="sdpa")
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings["lr"] * 1e-3, fused=True)
    engine, *_ = deepspeed.initialize(
        model=model, optimizer=optimizer, config=settings["deepspeed"], dist_init_required=False
    )
    rng = np.random.default_rng(1)
    seconds = []
    for turn in range(settings["warm_up"] + settings["steps"]):
        if on_gpu and turn == settings["warm_up"]:
            torch.cuda.reset_peak_memory_stats()
        ids = rng.integers(0, shape["vocab_size"], (settings["micro_batches"], rows, length))
        _wait(torch)
        begun = time.perf_counter()
        for micro_batch in ids:
            tokens = torch.from_numpy(micro_batch).to(engine.device)
            engine.backward(engine(input_ids=tokens, labels=tokens).loss)
            engine.step()
        _wait(torch)
        seconds.append(time.perf_counter() - begun)
    told = {
        "seconds": [round(each, 4) for each in seconds[settings["warm_up"] :]],
        "tokens": int(ids.size),
    }
    if on_gpu:
        stats = torch.cuda.memory_stats()
        told["max_active_gib"] = round(stats["active_bytes.all.peak"] / 2**30, 2)
        told["max_reserved_gib"] = round(stats["reserved_bytes.all.peak"] / 2**30, 2)
    print(json.dumps(told), flush=True)
    os._exit(0)


def _wait(torch):
    if torch.cuda.is_available():
        torch.cuda.synchronize()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
