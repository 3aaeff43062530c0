"""Equal keys get equal numbers, in the order in which they come."""

import random

import numpy as np
import pytest

from kormo_ds.text import numbering


@pytest.mark.parametrize("n_different", [1, 2, 3, 50, 5000])
def test_numbers_are_those_of_a_dict(n_different):
    draw = random.Random(n_different)
    known = [draw.getrandbits(64) for _ in range(n_different - 1)] + [0]
    given = known + draw.choices(known, k=2 * n_different)
    table = np.full(numbering.places(n_different), 7, np.uint32)
    keys = np.empty(n_different, np.uint64)
    shift = numbering.emptied(table, n_different)
    found, n_keys = [], 0
    for key in given:
        which = numbering.number(table, shift, keys, np.uint64(n_keys), np.uint64(key))
        n_keys += which == n_keys
        found.append(int(which))
    order = {key: i for i, key in enumerate(dict.fromkeys(given))}
    assert found == [order[key] for key in given]
    assert keys[:n_keys].tolist() == list(order)


def test_keys_of_one_place_all_fit():
    keys = np.empty(8, np.uint64)
    table = np.zeros(numbering.places(8), np.uint32)
    shift = numbering.emptied(table, 8)
    full = (1 << 64) - 1
    found = [
        int(numbering.number(table, shift, keys, np.uint64(n), np.uint64(full - n)))
        for n in range(8)
    ]
    assert found == list(range(8))
