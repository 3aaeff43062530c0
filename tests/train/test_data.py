"""Which rows a rank reads: a partition of the order from any start; and what they become."""

import lance
import numpy as np
import pyarrow as pa
import pytest

from kormo_ds import sequences as tables
from kormo_ds.compose import load_run
from kormo_ds.config import TrainConfig
from kormo_ds.errors import BadConfig
from kormo_ds.sequences.schema import schema
from kormo_ds.train.batches import plan
from kormo_ds.train.data import Reader, open_sequences


def readers(sequences, world, micro, seed=0):
    table = tables.open(str(sequences))
    train = TrainConfig(steps=9, tokens_per_step=8 * table.length, micro_batch_rows=micro)
    return [Reader(table, seed, plan(train, table.length, world), rank) for rank in range(world)]


@pytest.mark.parametrize(("world", "micro"), [(1, 8), (1, 2), (2, 4), (2, 1), (4, 2)])
def test_a_step_has_the_same_rows_on_any_number_of_ranks(sequences, world, micro):
    [whole] = readers(sequences, 1, 8)
    for step in (0, 3, 1_000_000):
        shared = np.concatenate(
            [r.rows(step).reshape(-1) for r in readers(sequences, world, micro)]
        )
        assert sorted(shared) == sorted(whole.rows(step).reshape(-1))


def test_every_row_is_seen_once_an_epoch_also_where_a_step_crosses_its_end(sequences):
    ranks = readers(sequences, 2, 2)
    positions = [
        reader.rows(step)[micro] for step in range(29) for micro in (0, 1) for reader in ranks
    ]
    seen = np.concatenate(positions).reshape(8, 29)
    assert [sorted(epoch) for epoch in seen.tolist()] == [list(range(29))] * 8
    assert seen[0].tolist() != seen[1].tolist()


def test_the_thread_gives_what_reading_gives_in_order_and_after_a_jump(sequences):
    reader, other = readers(sequences, 1, 2)[0], readers(sequences, 1, 2)[0]
    for step in (0, 1, 7, 8):
        ours, theirs = reader.step(step, last=step == 8), other.read(step)
        assert [batch.tokens.tolist() for batch in ours] == [b.tokens.tolist() for b in theirs]
        assert [batch.labels.tolist() for batch in ours] == [b.labels.tolist() for b in theirs]


def test_a_micro_batch_is_its_rows_as_one_stream(sequences):
    reader = readers(sequences, 2, 2)[1]
    first, second = reader.rows(0)[1]
    batch = reader.read(0)[1]
    stored = reader.table.take(np.array([first, second]))
    assert batch.tokens.tolist() == stored.input_ids.reshape(-1).tolist()
    assert batch.lengths == np.concatenate(stored.lengths).tolist()
    assert batch.positions.tolist() == [*range(32), *range(32)]
    documents = sum(len(lengths) for lengths in stored.lengths)
    documents -= sum(len(starts) for starts, _ in stored.unscored)
    padding = sum(int((ends - starts).sum()) for starts, ends in stored.unscored)
    assert batch.n_scored == 64 - documents - padding


def test_xlda_refuses_sequences_without_languages(tmp_path):
    folder = str(tmp_path / "old")
    facts = {"fingerprint": "f", "length": 4, "complete": True, "n_rows": 0}
    older = schema(4, facts | {"command": "kormo pack m tokenizer=t"})
    older = older.remove(older.get_field_index("languages"))
    lance.write_dataset(pa.Table.from_batches([], older), f"{folder}/rows.lance")
    run = load_run("smoke", [f"data.sequences={folder}"])
    assert open_sequences(run).n_rows == 0
    run = load_run("smoke", [f"data.sequences={folder}", "model.mask=xlda"])
    with pytest.raises(BadConfig, match="packed before languages were kept; .*: kormo pack m tok"):
        open_sequences(run)


def test_rows_come_with_languages_and_positions_where_a_model_asks_for_them(sequences):
    table = tables.open(str(sequences))
    train = TrainConfig(steps=9, tokens_per_step=8 * table.length, micro_batch_rows=2)
    cut = plan(train, table.length, 1)
    plain = Reader(table, 0, cut, 0).read(0)[0]
    asked = Reader(table, 0, cut, 0, languages=True, positions="document").read(0)[0]
    assert plain.languages == [] and plain.positions.max() == table.length - 1
    assert asked.languages[:2] == ["ko", "en"] and len(asked.languages) == len(asked.lengths)
    assert asked.positions.max() == max(asked.lengths) - 1
