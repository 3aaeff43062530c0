"""Bits per byte of held-out rows while a run goes on, by language, source and synthesizer.

The rows are packed documents (`kormo pack held_out groups=true`), and the same ones every time, so
values differ by what the model learned alone. A token is predicted from those before it in its
piece of the row; EOS is not counted, and bytes are those of the predicted tokens: numerator and
denominator speak of the same text, also where a row's end cuts a document. `kormo eval` scores
whole documents in windows; the arithmetic is shared (`kormo_ds.model.bits`).

All ranks make the same number of forward passes, the last one twice where there is no other row
left for a rank: ZeRO-3 needs that. Ranks that share their rows (`train.sequence_parallel`) score
each its own tokens, and the sums of a piece are added up like those of a group. Costs a third of a
training step a row.

    <run folder>/validation.jsonl       {"step": 499, "bpb": {"all": …, "lang=ko": …}, …}
"""

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from kormo_ds import sequences
from kormo_ds.config import Run
from kormo_ds.errors import BadConfig, Damaged
from kormo_ds.model import Batch
from kormo_ds.model.bits import bits_per_byte, segment_bits
from kormo_ds.model.loss import UNSCORED
from kormo_ds.run_record import lines
from kormo_ds.sequences import groups
from kormo_ds.sequences.place import file_bytes
from kormo_ds.sequences.token_bytes import token_bytes
from kormo_ds.train import ranks
from kormo_ds.train.head_losses import HeadLosses

_Sums = dict[str, tuple[float, int]]
"""Bits and bytes by group."""


class Validation:
    """The validation of one run; making it asks nothing of other ranks, `measure` is for all."""

    def __init__(self, run: Run, model: Any, heard: HeadLosses, tokenizer: bytes) -> None:
        """Open the rows.

        Raises:
            UnknownName, Damaged: as `kormo_ds.sequences.open`; a document without its group.
            BadConfig: they were packed with another tokenizer than the run's.
        """
        self._run, self._model, self._heard = run, model, heard
        self._table = sequences.open(run.validation.sequences)
        if file_bytes(run.validation.sequences, "tokenizer.json") != tokenizer:
            raise BadConfig(
                f"validation.sequences = '{run.validation.sequences}' was packed with another "
                f"tokenizer than data.sequences; pack it again with the run's"
            )
        self._languages = run.model.mask == "xlda"
        if self._languages and not self._table.has_languages:
            raise BadConfig(
                f"validation.sequences = '{run.validation.sequences}' does not hold languages, "
                f"which model.mask=xlda needs; remove that folder and pack it again"
            )
        sp = run.train.sequence_parallel
        if self._table.length % sp:
            raise BadConfig(
                f"train.sequence_parallel = {sp} does not divide the {self._table.length} tokens "
                f"of a row of validation.sequences = '{run.validation.sequences}'; pack it with "
                f"the row length of data.sequences"
            )
        self._bytes = token_bytes(tokenizer)
        self._groups = groups.read(run.validation.sequences)
        n_rows = min(run.validation.rows or self._table.n_rows, self._table.n_rows)
        micro = run.train.micro_batch_rows
        batches = [list(range(i, min(i + micro, n_rows))) for i in range(0, n_rows, micro)]
        group, self._share = divmod(ranks.rank(), sp)
        n_groups = ranks.world() // sp
        turns = math.ceil(len(batches) / n_groups)
        mine = batches[group::n_groups]
        self._mine = [(rows, self._owners(rows)) for rows in mine]
        self._idle = [batches[0]] * (turns - len(mine))

    def due(self, step: int) -> bool:
        """Is the model validated after `step`?"""
        done = step + 1
        return done % self._run.validation.every == 0 or done == self._run.train.steps

    def measure(self, step: int) -> dict[str, float]:
        """Validate the model after `step`, append to validation.jsonl; returns eval/GROUP/bpb."""
        begun = time.perf_counter()
        self._heard.forget()
        sums: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._model.eval()
        with torch.no_grad():
            for rows, owners in self._mine:
                for owner, bits, n_bytes in zip(owners, *self._score(rows), strict=True):
                    for name in owner:
                        sums[name].append((float(bits), int(n_bytes)))
            for rows in self._idle:
                self._score(rows)
        self._model.train()
        mine = {name: _total(parts) for name, parts in sums.items()}
        all_sums = _joined(ranks.gathered(mine))
        bpb = {name: bits_per_byte([bits], n) for name, (bits, n) in all_sums.items()}
        seconds = time.perf_counter() - begun
        known = {
            "step": step,
            "bpb": bpb,
            "n_bytes": {name: n for name, (_, n) in all_sums.items()},
            "seconds": seconds,
        }
        path = self._run.path / lines.VALIDATION
        with ranks.together(f"write {path}"):
            if ranks.rank() == 0:
                lines.append(path, known)
        values = {f"eval/{name}/bpb": value for name, value in bpb.items() if value is not None}
        return values | {"eval/seconds": seconds}

    def _score(self, rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Bits and bytes of each piece of `rows`, of what this rank has of it."""
        found = self._table.take(np.array(rows), languages=self._languages)
        spans = [np.stack(both, axis=1) for both in found.unscored]
        batch = Batch.of_rows(
            found.input_ids,
            found.lengths,
            spans,
            languages=found.languages,
            positions=self._run.model.positions,
            mtp_depth=self._run.model.mtp_depth,
        ).share(self._share, self._run.train.sequence_parallel)
        labels = batch.labels.numpy()
        sizes = np.where(labels == UNSCORED, 0, self._bytes[np.maximum(labels, 0)])
        text = torch.from_numpy(np.where(sizes > 0, labels, UNSCORED))
        here = replace(batch, labels=text).to(ranks.device())
        self._model(*here.inputs)
        starts = np.cumsum([0, *batch.lengths[:-1]])
        bits = segment_bits(here.in_stream(self._heard.take(len(labels))), batch.lengths)
        n_bytes = batch.in_stream(torch.from_numpy(sizes)).numpy()
        return bits, np.add.reduceat(n_bytes, starts)

    def _owners(self, rows: list[int]) -> list[list[str]]:
        """The groups of each piece of `rows`; padding belongs to none."""
        return [
            self._names(piece.doc_id, piece.component) if piece.doc_id else []
            for row in rows
            for piece in self._table.pieces(row)
        ]

    def _names(self, doc_id: str, component: str) -> list[str]:
        if self._groups is None:
            return ["all", f"component={component}"]
        if doc_id not in self._groups:
            folder = self._run.validation.sequences
            raise Damaged(
                f"{folder}/{groups.FILE} has no document '{doc_id}' of its rows; remove it and "
                f"pack again with: {self._table.facts['command']} groups=true"
            )
        return ["all", *self._groups[doc_id].names()]


def _total(parts: Sequence[tuple[float, int]]) -> tuple[float, int]:
    return math.fsum(bits for bits, _ in parts), sum(n for _, n in parts)


def _joined(shares: Sequence[_Sums]) -> _Sums:
    names = sorted({name for share in shares for name in share})
    return {name: _total([share[name] for share in shares if name in share]) for name in names}
