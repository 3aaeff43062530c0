"""Which ways of sharing out a step are compared with plain torch, how closely, and what is wrong.

Every ZeRO stage, with `overlap_comm` off and on where there is something to overlap. DeepSpeed's
`overlap_comm` sends gradients of one bucket while the next is computed, and has a record of wrong
gradients and NaN (DeepSpeed issues 5545, 6351, 7188, 8061): a race, so it depends on the machine.
AdamW hides a wrong scale from the loss, so gradients are compared themselves, parameter by
parameter and step by step: with β₁ = 0 they are AdamW's first moment. A large ε keeps the update a
smooth function of them, where the usual one would make a full step of a rounding error.

A race need not show in one step: buckets, streams and the buffers of the step before must meet. So
a step has two micro-batches and many small buckets, and several steps are taken (`STEPS`). On a CPU
nothing overlaps, and three steps find what there is to be found in the code; GPUs get ten, on a
model large enough for its transfers to take time.
"""

from dataclasses import asdict, dataclass
from typing import Any

from kormo_ds.config import ModelConfig, OptimConfig, Run, TrainConfig
from kormo_ds.doctor.finding import Finding, fail, ok

STEPS = {"cpu": 3, "gpu": 10}
MICRO_BATCHES, MICRO_ROWS = 2, 2
ROW_LENGTH = {"cpu": 64, "gpu": 512}
_SHAPES: dict[str, dict[str, Any]] = {
    "cpu": {
        "vocab_size": 256,
        "hidden_size": 64,
        "ffn_size": 128,
        "n_layers": 3,
        "n_heads": 4,
        "n_kv_heads": 2,
        "head_dim": 16,
    },
    "gpu": {
        "vocab_size": 8192,
        "hidden_size": 1024,
        "ffn_size": 2816,
        "n_layers": 6,
        "n_heads": 16,
        "n_kv_heads": 4,
        "head_dim": 64,
    },
}
MEASURES = ("loss", "gradient norm", "gradients", "weights")
BOUNDS = {
    ("cpu", "fp32"): (1e-5, 1e-4, 1e-3, 1e-3),
    ("gpu", "fp32"): (1e-5, 1e-3, 5e-3, 1e-2),
    ("gpu", "bf16"): (2e-3, 2e-2, 1e-1, 1e-1),
}
"""Largest relative deviation of each measure.

Seen on two CPU ranks, the small model in ten steps: 1e-7, 2e-7, 8e-7 and 3e-5 in fp32, 2e-5, 1e-3,
2e-2 and 1e-2 in bf16; the GPU's model in one step in fp32: 0, 8e-5, 8e-5 and 2e-4, as a norm of
80 million numbers is summed in fp32. Not measured on GPUs yet.
"""


@dataclass(frozen=True)
class Case:
    """One way of sharing a step out."""

    stage: int
    overlap: bool | None
    """None at stage 0, which has nothing to overlap."""
    precision: str
    device: str
    """'cpu' or 'gpu': which size."""

    @property
    def name(self) -> str:
        """What a line of `kormo doctor` calls it."""
        overlap = {None: "", False: " overlap off", True: " overlap on"}[self.overlap]
        return f"ZeRO {self.stage}{overlap}, {self.precision}"

    def run(self, world: int) -> Run:
        """The case as a run on `world` ranks: small buckets, all partitioned that can be."""
        shape = _SHAPES[self.device]
        largest = shape["vocab_size"] * shape["hidden_size"]
        tokens = world * MICRO_BATCHES * MICRO_ROWS * ROW_LENGTH[self.device]
        return Run(
            name="doctor",
            model=ModelConfig(**shape, attention="sdpa"),
            optim=OptimConfig(lr=1e-3, betas=(0.0, 0.95), eps=1e-4, clip=0.5),
            train=TrainConfig(
                steps=STEPS[self.device],
                tokens_per_step=tokens,
                micro_batch_rows=MICRO_ROWS,
                precision=self.precision,  # type: ignore[arg-type]
            ),
            deepspeed={"zero_optimization": self._zero(largest)},
        )

    def _zero(self, largest: int) -> dict[str, Any]:
        if self.stage == 0:
            return {"stage": 0}
        block: dict[str, Any] = {
            "stage": self.stage,
            "overlap_comm": self.overlap,
            "contiguous_gradients": True,
            "reduce_scatter": True,
            "reduce_bucket_size": largest,
            "allgather_bucket_size": largest,
        }
        if self.stage == 3:
            block |= {
                "stage3_prefetch_bucket_size": largest,
                "stage3_param_persistence_threshold": largest // 32,
                "stage3_max_live_parameters": 2 * largest,
                "stage3_max_reuse_distance": 2 * largest,
            }
        return block

    def to_dict(self) -> dict[str, Any]:
        """The case as JSON has it; `Case(**…)` reads it."""
        return asdict(self)


def all_cases(device: str) -> list[Case]:
    """What is compared on a machine; bf16 on GPUs only, since few CPUs have it."""
    return [
        Case(stage, overlap, precision, device)
        for precision in (("fp32", "bf16") if device == "gpu" else ("fp32",))
        for stage in ((0, 1, 2, 3) if precision == "fp32" else (1, 2, 3))
        for overlap in ((False, True) if stage else (None,))
    ]


def judge(case: Case, deviations: list[float], where: str = "") -> Finding:
    """The line of a case.

    Args:
        case: which one.
        deviations: of each of `MEASURES`, relative to plain torch.
        where: the parameter whose gradient deviates most.
    """
    bounds = BOUNDS[case.device, case.precision]
    pairs = zip(MEASURES, deviations, bounds, strict=True)
    wrong = [
        f"{measure} {seen:.1e} (bound {bound:.0e})"
        for measure, seen, bound in pairs
        if not seen <= bound  # a NaN is wrong, too
    ]
    if wrong:
        at = f", most at {where}" if where else ""
        return fail(case.name, f"differs from plain torch: {', '.join(wrong)}{at}", mend(case))
    seen = ", ".join(f"{m} {d:.0e}" for m, d in zip(MEASURES, deviations, strict=True))
    return ok(case.name, f"as plain torch ({seen})")


def mend(case: Case) -> str:
    """What to do about a case that does not work."""
    if case.overlap:
        return (
            f"set deepspeed.zero_optimization.overlap_comm=false at stage {case.stage} in every "
            "run on this machine, as long as the line without overlap is ok"
        )
    if case.stage:
        others = " or ".join(str(stage) for stage in (1, 2, 3) if stage != case.stage)
        return (
            f"deepspeed.zero_optimization.stage={others}, where its lines are ok; report this one "
            "with the versions above to DeepSpeed"
        )
    return (
        "the ranks' own sums are wrong: try NCCL_P2P_DISABLE=1 kormo doctor, then "
        "NCCL_ALGO=Ring; update driver and NCCL"
    )
