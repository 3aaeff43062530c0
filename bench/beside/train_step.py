"""What bench/train_step.py runs in the environment `transformers`: Hugging Face's Trainer, a rank.

    python train_step.py SETTINGS

SETTINGS is a JSON file: shapes, optimiser, DeepSpeed's configuration, the rows as numpy files. Each
step waits for a line on standard input and answers with its seconds on standard output: from there
to where the next step would begin, so its data loading and logging are in it.
"""

import json
import os
import sys
import time

ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def main(path):
    import deepspeed
    import numpy as np
    import torch
    from transformers import (
        LlamaConfig,
        LlamaForCausalLM,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    deepspeed.init_distributed("gloo")  # on a CPU the Trainer leaves DeepSpeed's own ranks to us
    with open(path) as file:
        settings = json.load(file)
    rows, labels = np.load(settings["rows"]), np.load(settings["labels"])

    class Rows(torch.utils.data.Dataset):
        def __len__(self):
            return len(rows)

        def __getitem__(self, i):
            ids = torch.from_numpy(rows[i].astype(np.int64))
            return {"input_ids": ids, "labels": torch.from_numpy(labels[i].astype(np.int64))}

    class InTurn(TrainerCallback):
        begun = None

        def on_step_begin(self, *_, **__):
            self.answer()
            if not sys.stdin.readline():
                os._exit(0)
            self.begun = time.perf_counter()

        def on_train_begin(self, *_, **__):
            stage = trainer.model_wrapped.zero_optimization_stage()
            world = deepspeed.comm.get_world_size()
            print(f"Hugging Face: ZeRO-{stage}, {world} ranks, {size:,} parameters")

        def on_train_end(self, *_, **__):
            self.answer()

        def answer(self):
            torch.distributed.barrier()
            taken = self.begun and time.perf_counter() - self.begun
            print(json.dumps(taken), file=ANSWERS, flush=True)

    arguments = TrainingArguments(
        output_dir=settings["folder"],
        max_steps=settings["steps"],
        deepspeed=settings["deepspeed"],
        use_cpu=True,
        optim="adamw_torch_fused",
        lr_scheduler_type="constant",
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        **settings["arguments"],
    )
    model = LlamaForCausalLM._from_config(
        LlamaConfig(**settings["model"]), attn_implementation="sdpa"
    )
    size = sum(getattr(p, "ds_numel", p.numel()) for p in model.parameters())
    trainer = Trainer(model=model, args=arguments, train_dataset=Rows(), callbacks=[InTurn()])
    trainer.train()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
