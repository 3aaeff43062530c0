"""The numbers of a run: one name in metrics.jsonl and checkpoints.jsonl, one in wandb.

wandb shows what stands before the slash as a section. A number that is not listed keeps its name.
"""

WANDB = {
    "loss": "train/loss",
    "lr": "train/lr",
    "grad_norm": "train/grad_norm",
    "z_loss": "train/z_loss",
    "step_skipped": "train/step_skipped",
    "loss_score": "spike/score",
    "grad_norm_score": "spike/grad_norm_score",
    "tokens": "data/tokens_total",
    "epoch": "data/epoch",
    "pack_fill_pct": "data/pack_fill_pct",
    "seconds": "throughput/step_s",
    "tokens_per_s": "throughput/tok_s",
    "tokens_per_s_device": "throughput/tok_s_gpu",
    "document_tokens_per_s": "throughput/tok_s_nonpad",
    "document_tokens_per_s_device": "throughput/tok_s_gpu_nonpad",
    "mfu_palm": "throughput/mfu_palm",
    "mfu_documents": "throughput/mfu_doc",
    "tflops": "throughput/tflops",
    "tflops_device": "throughput/tflops_gpu",
    "data_wait_s": "throughput/data_wait_s",
    "data_wait_max_s": "throughput/data_wait_max_s",
    "data_wait_pct": "throughput/data_wait_pct",
    "eta_h": "throughput/eta_h",
    "rss_gib": "mem/rss_gib",
    "max_active_gib": "mem/max_active_gib",
    "max_reserved_gib": "mem/max_reserved_gib",
    "alloc_retries": "mem/alloc_retries",
    "ooms": "mem/ooms",
    "checkpoint_save_s": "ckpt/save_s",
    "checkpoint_bytes": "ckpt/bytes",
}


def for_wandb(values: dict[str, float]) -> dict[str, float]:
    """The same numbers under wandb's names."""
    return {_for_wandb(name): value for name, value in values.items()}


def _for_wandb(name: str) -> str:
    return f"train/{name}" if name.startswith("mtp_loss_") else WANDB.get(name, name)
