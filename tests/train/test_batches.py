"""How a step is cut up: rows, micro-batches, accumulation, and what cannot be cut."""

import pytest

from kormo_ds.config import TrainConfig
from kormo_ds.errors import BadConfig
from kormo_ds.train.batches import plan


def cut(tokens, micro, row_length, world):
    train = TrainConfig(steps=1, tokens_per_step=tokens, micro_batch_rows=micro)
    return plan(train, row_length, world)


@pytest.mark.parametrize(
    ("tokens", "micro", "row_length", "world", "rows", "accumulation"),
    [
        (8_388_608, 2, 4096, 128, 2048, 8),  # the paper's 10B job
        (4_194_304, 4, 4096, 8, 1024, 32),  # its 1B job
        (1024, 8, 128, 1, 8, 1),
    ],
)
def test_the_rows_of_a_step(tokens, micro, row_length, world, rows, accumulation):
    made = cut(tokens, micro, row_length, world)
    assert (made.rows, made.accumulation) == (rows, accumulation)


def test_every_position_of_a_step_belongs_to_one_rank_and_micro_batch():
    made = cut(1024, 2, 128, 2)
    starts = [[made.start(3, micro, rank) for micro in range(2)] for rank in range(2)]
    assert starts == [[24, 28], [26, 30]]


@pytest.mark.parametrize(
    ("tokens", "micro", "world", "message"),
    [
        (
            1000,
            1,
            1,
            "train.tokens_per_step = 1000 is not a whole number of rows of 128 tokens; "
            "896 or 1024 would be",
        ),
        (
            100,
            1,
            1,
            "train.tokens_per_step = 100 is not a whole number of rows of 128 tokens; 128 would be",
        ),
        (
            1536,
            4,
            2,
            "train.tokens_per_step = 1536 is 12 rows, which train.micro_batch_rows = 4 on 2 ranks "
            "does not divide; set train.micro_batch_rows = 2 or 3 or 6, or train.tokens_per_step "
            "= 1024 or 2048",
        ),
        (
            384,
            1,
            2,
            "train.tokens_per_step = 384 is 3 rows, which train.micro_batch_rows = 1 on 2 ranks "
            "does not divide; set train.tokens_per_step = 256 or 512",
        ),
    ],
)
def test_what_does_not_divide_is_refused_with_what_would(tokens, micro, world, message):
    with pytest.raises(BadConfig) as raised:
        cut(tokens, micro, 128, world)
    assert str(raised.value) == message
