"""The steps of a case in plain torch on one device: no ranks, no DeepSpeed, AdamW of torch itself.

Rows are drawn from a seed, of two documents and some padding each, so that a mean of micro-batch
means would differ from the mean over tokens. Micro-batches are those of the ranks, whose gradients
are added up in fp32: what is left to differ is the order of sums. In bf16 the model computes with
rounded weights and fp32 masters are updated, as under ZeRO.
"""

import numpy as np
import torch
from torch import Tensor

from kormo_ds.config import Run
from kormo_ds.doctor.cases import MICRO_BATCHES, MICRO_ROWS
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.train import engine


def micro_batches(run: Run, length: int, step: int, rank: int) -> list[Batch]:
    """What a rank takes through the model in a step, on the CPU."""
    made = []
    for micro in range(MICRO_BATCHES):
        random = np.random.default_rng((step, rank, micro))
        ids = random.integers(0, run.model.vocab_size, (MICRO_ROWS, length), dtype=np.int32)
        lengths, unscored = [], []
        for _ in range(MICRO_ROWS):
            first, padding = (int(n) for n in random.integers(1, length // 3, 2))
            lengths.append(np.array([first, length - first - padding, padding]))
            unscored.append(np.array([[length - padding, length]]))
        made.append(Batch.of_rows(ids, lengths, unscored))
    return made


class Plain:
    """The run of a case, a step at a time."""

    def __init__(self, run: Run, length: int, world: int, device: torch.device) -> None:
        self.run, self.length, self.world, self.device = run, length, world, device
        dtype = engine.DTYPES[run.train.precision]
        self._masters = Transformer(run.model)
        init_weights(self._masters, run.seed)
        self._masters.to(device=device, dtype=dtype).float()  # begins as rounded as the run does
        self._model = Transformer(run.model).to(device=device, dtype=dtype)
        optim = run.optim
        self._adam = torch.optim.AdamW(
            engine.groups(self._masters, optim.weight_decay),
            lr=optim.lr,
            betas=optim.betas,
            eps=optim.eps,
        )
        self.start = {name: value.clone() for name, value in self.weights().items()}
        """fp32 weights before the first step, flat, by name."""

    def weights(self) -> dict[str, Tensor]:
        """fp32 weights now, flat, by name."""
        return {name: p.detach().flatten() for name, p in self._masters.named_parameters()}

    def gradients(self) -> dict[str, Tensor]:
        """Clipped gradients of the last step, flat, by name."""
        named = self._masters.named_parameters()
        return {name: p.grad.flatten() for name, p in named if p.grad is not None}

    def step(self, number: int) -> tuple[float, float]:
        """Take a step with the rows of all ranks; returns its loss, and its norm unclipped."""
        self._model.load_state_dict(self._masters.state_dict())
        batches = [
            batch
            for rank in range(self.world)
            for batch in micro_batches(self.run, self.length, number, rank)
        ]
        n_scored = sum(batch.n_scored for batch in batches)
        self._masters.zero_grad()
        total = 0.0
        for batch in batches:
            loss = self._model(*batch.to(self.device).inputs)[0]
            (loss / n_scored).backward()
            total += float(loss.detach())
            self._add_gradients()
        clip = self.run.optim.clip
        norm = float(torch.nn.utils.clip_grad_norm_(self._masters.parameters(), clip))
        self._adam.step()
        return total / n_scored, norm

    def _add_gradients(self) -> None:
        """Move the gradients of the model to the masters."""
        pairs = zip(self._masters.parameters(), self._model.parameters(), strict=True)
        for mine, theirs in pairs:
            assert theirs.grad is not None
            grad = theirs.grad.float()
            mine.grad = grad if mine.grad is None else mine.grad + grad
        self._model.zero_grad()
