"""The micro-batches of a step: a seek, not a stream.

Step, micro-batch and rank give positions in the order (`Batches.start`), the order gives row
numbers, and one read per rank and step fetches them. Nothing is remembered, so a resumed run, on
any number of ranks, reads on where the last complete step ended. The next step is read by a thread
while this one is computed; `wait` is the time that was not hidden.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from pyarrow.fs import FileSystem
from tokenizers import Tokenizer

from kormo_ds import sequences
from kormo_ds.config import Run
from kormo_ds.errors import BadConfig, Damaged
from kormo_ds.model import Batch
from kormo_ds.sequences import Order, Sequences
from kormo_ds.train import skip_rows
from kormo_ds.train.batches import Batches
from kormo_ds.train.throughput import Work


def open_sequences(run: Run) -> Sequences:
    """The run's packed rows.

    Raises:
        BadConfig: the run does not say where they are, or they lack what its mask needs.
        UnknownName, Damaged: as `kormo_ds.sequences.open`.
    """
    if not run.data.sequences:
        raise BadConfig(
            "data.sequences is not set; give the folder that `kormo pack` wrote, e.g. "
            "data.sequences=data/lake/sequences/demo"
        )
    table = sequences.open(run.data.sequences)
    if run.model.mask == "xlda" and not table.has_languages:
        raise BadConfig(
            f"model.mask = 'xlda' needs the language of each piece, which {run.data.sequences} "
            f"does not hold, as it was packed before languages were kept; remove that folder and "
            f"pack again with: {table.facts['command']}"
        )
    return table


def tokenizer(run: Run, table: Sequences) -> bytes:
    """The tokenizer.json that stands beside the rows.

    Raises:
        BadConfig: the model has fewer words than the tokenizer; the message gives both.
        Damaged: the file is missing.
    """
    folder = run.data.sequences.rstrip("/")
    store, path = FileSystem.from_uri(folder if "://" in folder else str(Path(folder).resolve()))
    try:
        with store.open_input_file(f"{path}/tokenizer.json") as file:
            content: bytes = file.read()
    except FileNotFoundError as error:
        way_out = f"pack again with: {table.facts['command']}"
        raise Damaged(f"{folder}/tokenizer.json is missing; {way_out}") from error
    size = Tokenizer.from_buffer(content).get_vocab_size(with_added_tokens=True)
    padded = -(-size // 128) * 128
    if run.model.vocab_size < padded:
        raise BadConfig(
            f"model.vocab_size = {run.model.vocab_size}, but the tokenizer of {folder} has {size} "
            f"tokens, padded {padded}; set model.vocab_size={padded}"
        )
    return content


class Reader:
    """Reads the rows of one rank, a step ahead."""

    def __init__(
        self,
        table: Sequences,
        seed: int,
        batches: Batches,
        rank: int,
        start: int = 0,
        *,
        languages: bool = False,
        positions: str = "row",
        mtp_depth: int = 0,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self.table = table
        self.start = start
        """Rows of the order that were read before the first step."""
        self.skipped = np.empty(0, np.int64)
        """Rows that are read as padding (`kormo_ds.train.skip_rows`)."""
        self.batches = batches
        self.rank = rank
        self._languages, self._positions, self._mtp_depth = languages, positions, mtp_depth
        self._share = share
        self.order = Order(table.n_rows, seed)
        self.wait = 0.0
        """Seconds that the last `step` waited for data."""
        self.work = Work()
        """What the rows of the last `step` held."""
        self._ahead: tuple[int, Future[list[Batch]]] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rows")

    def rows(self, step: int) -> np.ndarray:
        """Row numbers of this rank in `step`, int64 [accumulation, micro_rows]."""
        cut = self.batches
        starts = [cut.start(step, micro, self.rank) for micro in range(cut.accumulated(step))]
        return np.stack([self.order.rows(self.start + at, cut.micro_rows) for at in starts])

    def read(self, step: int) -> list[Batch]:
        """The micro-batches of this rank in `step`, on the CPU."""
        micro = self.batches.micro_rows
        numbers = self.rows(step).reshape(-1)
        rows = self.table.take(numbers, languages=self._languages)
        pad = self.table.facts.get("pad", 0)
        rows = skip_rows.blanked(rows, np.isin(numbers, self.skipped), pad)
        spans = [np.stack(both, axis=1) for both in rows.unscored]
        return [
            Batch.of_rows(
                rows.input_ids[first : first + micro],
                rows.lengths[first : first + micro],
                spans[first : first + micro],
                languages=rows.languages[first : first + micro],
                positions=self._positions,
                mtp_depth=self._mtp_depth,
            ).share(*self._share)
            for first in range(0, len(rows.input_ids), micro)
        ]

    def step(self, step: int, last: bool = False) -> list[Batch]:
        """As `read`, from the thread; unless `last`, the next step is asked for."""
        begun = time.perf_counter()
        ahead = self._ahead
        batches = ahead[1].result() if ahead and ahead[0] == step else self.read(step)
        self._ahead = None if last else (step + 1, self._thread.submit(self.read, step + 1))
        self.work = Work.of(batches)
        self.wait = time.perf_counter() - begun
        return batches
