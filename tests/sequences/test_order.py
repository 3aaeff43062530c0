import numpy as np
import pytest

from kormo_ds.errors import BadInput
from kormo_ds.sequences import Order, order


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 16, 17, 64, 65, 100, 1000, 4097])
@pytest.mark.parametrize("seed", [0, 1, 42])
def test_every_row_comes_once_an_epoch(n: int, seed: int):
    seen = Order(n, seed).rows(0, 3 * n).reshape(3, n)
    assert (np.sort(seen, axis=1) == np.arange(n)).all()


@pytest.mark.parametrize("n", [1, 2, 5, 16, 17, 1000, 4097])
@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_a_position_leads_to_its_row_and_back(n: int, epoch: int):
    order_, rows = Order(n, 42), np.arange(n)
    places = order_.positions(rows, epoch)
    assert (np.sort(places) == np.arange(epoch * n, (epoch + 1) * n)).all()
    assert (order_.rows(epoch * n, n)[places - epoch * n] == rows).all()


@pytest.mark.parametrize("world", [1, 2, 3, 8])
@pytest.mark.parametrize("start_step", [0, 1, 7, 1_000_000])
def test_a_run_that_goes_on_with_other_ranks_sees_every_row_once(world: int, start_step: int):
    n, per_rank = 24 * world, 4
    steps_an_epoch = n // (world * per_rank)
    epoch, step_in_epoch = divmod(start_step, steps_an_epoch)
    order_ = Order(n, 7)
    by_one_rank = order_.rows(epoch * n, step_in_epoch * world * per_rank).tolist()
    by_all_ranks = [
        row
        for step in range(start_step, (epoch + 1) * steps_an_epoch)
        for rank in range(world)
        for row in order_.rows((step * world + rank) * per_rank, per_rank).tolist()
    ]
    assert sorted(by_one_rank + by_all_ranks) == list(range(n))


@pytest.mark.parametrize("start", [0, 1, 9, 10, 11, 12_345, 10**15])
def test_a_seek_gives_what_reading_on_gives(start: int):
    order_ = Order(10, 3)
    assert order_.rows(start, 35).tolist() == [int(order_.rows(start + i, 1)[0]) for i in range(35)]


def test_the_order_is_fixed_for_ever():
    assert Order(8, 0).rows(0, 16).tolist() == [7, 3, 4, 2, 0, 1, 6, 5, 2, 7, 6, 0, 3, 5, 1, 4]
    assert Order(8, 1).rows(0, 8).tolist() == [4, 3, 5, 7, 6, 2, 1, 0]
    assert Order(1_000_000, 42).rows(5_000_000, 3).tolist() == [197552, 84069, 155983]


def test_epochs_and_seeds_differ():
    n = 1000
    first, second = Order(n, 0).rows(0, 2 * n).reshape(2, n)
    other = Order(n, 1).rows(0, n)
    # Two random orders agree in one place on average; 20 would be a pattern.
    assert (first == second).sum() < 20
    assert (first == other).sum() < 20
    assert (first == np.arange(n)).sum() < 20


@pytest.mark.parametrize("start", [0, 1_000_000, 10**12])
def test_work_does_not_grow_with_the_start(start: int, monkeypatch: pytest.MonkeyPatch):
    evaluated = []
    feistel = order.feistel
    monkeypatch.setattr(order, "feistel", lambda v, *a: evaluated.append(len(v)) or feistel(v, *a))
    Order(5_000_000, 0).rows(start, 2048)
    # 5,000,000 rows lie in a domain of 4**12: 3.4 evaluations a position on average.
    assert sum(evaluated) < 2048 * 4.2


def test_no_rows_is_refused():
    with pytest.raises(BadInput, match="an order needs at least one row, not 0"):
        Order(0, 0)
