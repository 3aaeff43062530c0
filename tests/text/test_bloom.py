"""The Bloom filter: nothing added is ever missed; false answers come at the planned rate."""

import numpy as np
import pytest
from numba import njit

from kormo_ds.errors import BadConfig
from kormo_ds.text import bloom


@njit
def add_all(bits, n_blocks, rounds, hashes):
    for value in hashes:
        bloom.add(bits, bloom.block_of(value, n_blocks), rounds, value)


@njit
def count(bits, n_blocks, rounds, hashes):
    n = np.uint64(0)
    for value in hashes:
        at = bloom.block_of(value, n_blocks)
        bloom.prefetch(bits, at)
        n += bloom.holds(bits, at, rounds, value)
    return n


@pytest.mark.parametrize(
    ("fp", "bytes_each", "rounds"), [(0.01, 1.262, 1), (1e-4, 2.850, 2), (1e-9, 10.03, 3)]
)
def test_a_plan_is_the_smallest_filter_that_keeps_its_rate(fp, bytes_each, rounds):
    plan = bloom.plan(1_000_000, fp)
    assert (round(plan.n_bytes / 1e6, 3), plan.rounds) == (pytest.approx(bytes_each, 1e-3), rounds)
    load = plan.n_entries / plan.n_blocks
    assert bloom.expected_fp(load, rounds) <= fp < bloom.expected_fp(load * 1.01, rounds)


@pytest.mark.parametrize(("fp", "n"), [(0.1, 300_000), (0.01, 300_000), (1e-3, 300_000)])
def test_full_filters_answer_as_planned(fp, n):
    random = np.random.default_rng(1)
    added, others = random.integers(0, 2**64, (2, n), dtype=np.uint64)
    plan = bloom.plan(n, fp)
    bits = bloom.empty(plan)
    size = np.uint64(plan.n_blocks), plan.rounds
    assert count(bits, *size, others) == 0
    add_all(bits, *size, added)
    assert count(bits, *size, added) == n
    wrong, measured = int(count(bits, *size, others)), bloom.measured_fp(bits, plan.rounds)
    assert measured == pytest.approx(fp, rel=0.05)
    assert abs(wrong - measured * n) < 5 * np.sqrt(measured * n)  # five standard deviations


def test_bits_are_aligned_to_cache_lines():
    for n in (1, 50, 51, 1000):
        bits = bloom.empty(bloom.plan(n, 0.01))
        assert bits.ctypes.data % 64 == 0
        assert len(bits) % bloom.LANES == 0 and not bits.any()


@pytest.mark.parametrize("fp", [0.0, -1.0, 1.0, 1e-13])
def test_a_rate_that_is_none(fp):
    with pytest.raises(BadConfig, match="is no rate of false positives"):
        bloom.plan(10, fp)


def test_too_many_entries():
    with pytest.raises(BadConfig, match="more than one filter holds"):
        bloom.plan(10**13, 0.01)
